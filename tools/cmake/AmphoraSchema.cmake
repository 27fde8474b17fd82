# amphora_schema(TARGET app SCHEMA mission.sql [WITH other.sql ...] [NAMESPACE name])
#
# Makes mission.hpp from mission.sql while the target is built, and lets the target include it as
# "mission.hpp". WITH names schemas whose tables this one refers to; they get headers of their own. The
# namespace is the name of the file unless NAMESPACE names another. May be called several times for one
# target, and for several targets. The target must be one of the calling directory.
#
# Works in the project itself and with find_package(amphora): both have the program amphora::schemagen.
function(amphora_schema)
    cmake_parse_arguments(ARG "" "TARGET;SCHEMA;NAMESPACE" "WITH" ${ARGN})
    if(NOT ARG_TARGET OR NOT ARG_SCHEMA OR ARG_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "amphora_schema(TARGET app SCHEMA mission.sql [WITH other.sql ...] "
            "[NAMESPACE name]): ${ARG_UNPARSED_ARGUMENTS}")
    endif()
    cmake_path(ABSOLUTE_PATH ARG_SCHEMA BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE
        OUTPUT_VARIABLE schema)
    if(NOT EXISTS ${schema})
        message(FATAL_ERROR "amphora_schema: there is no ${schema}")
    endif()
    set(others)
    set(options)
    foreach(other ${ARG_WITH})
        cmake_path(ABSOLUTE_PATH other BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
        list(APPEND others ${other})
        list(APPEND options --with ${other})
    endforeach()
    if(ARG_NAMESPACE)
        list(APPEND options --namespace ${ARG_NAMESPACE})
    endif()

    cmake_path(GET schema STEM name)
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/amphora_schema/${ARG_TARGET})
    set(header ${folder}/${name}.hpp)
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(OUTPUT ${header}
        COMMAND amphora::schemagen --schema ${schema} ${options} --output ${header}
        DEPENDS amphora::schemagen ${schema} ${others}
        COMMENT "Generating ${name}.hpp from ${name}.sql"
        VERBATIM)
    get_target_property(type ${ARG_TARGET} TYPE)
    if(type STREQUAL "INTERFACE_LIBRARY")
        target_sources(${ARG_TARGET} INTERFACE ${header})
        target_include_directories(${ARG_TARGET} INTERFACE ${folder})
    else()
        target_sources(${ARG_TARGET} PRIVATE ${header})
        target_include_directories(${ARG_TARGET} PRIVATE ${folder})
    endif()
endfunction()
