# The functions that make the project's own targets: one static library per folder of engine/, one test binary per
# folder of tests/. They look for sources in the folder, so a new file needs no change here.

set(AMPHORA_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    -Wold-style-cast -Wcast-align -Wnull-dereference -Wimplicit-fallthrough)

function(amphora_target_defaults target)
    target_compile_options(${target} PRIVATE ${AMPHORA_WARNINGS}
        $<$<BOOL:${AMPHORA_WARNINGS_AS_ERRORS}>:-Werror>)
    # Turns on AMPHORA_DEBUG_ASSERT in the builds for tests. Release builds do not pay for it.
    target_compile_definitions(${target} PRIVATE
        $<$<CONFIG:Debug,Dev,Asan,Tsan,Fuzz>:AMPHORA_DEBUG>)
endfunction()

# amphora_floor(codec LINKS amphora_base [LIBRARIES xxhash ...])
# A folder of the engine is a static library that links only lower ones. A subfolder without a CMakeLists.txt is a room
# of it.
function(amphora_floor folder)
    cmake_parse_arguments(ARG "" "" "LINKS;LIBRARIES" ${ARGN})
    string(REPLACE "/" "_" name ${folder})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    file(GLOB rooms LIST_DIRECTORIES true CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*)
    foreach(room ${rooms})
        if(IS_DIRECTORY ${room} AND NOT EXISTS ${room}/CMakeLists.txt)
            file(GLOB room_sources CONFIGURE_DEPENDS ${room}/*.cpp)
            list(APPEND sources ${room_sources})
        endif()
    endforeach()
    if(NOT sources)
        message(NOTICE "engine/${folder} has no sources yet")
        file(TOUCH ${CMAKE_CURRENT_BINARY_DIR}/none.cpp)
        set(sources ${CMAKE_CURRENT_BINARY_DIR}/none.cpp)
    endif()
    add_library(amphora_${name} STATIC ${sources})
    target_include_directories(amphora_${name} PUBLIC
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/engine>
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
    target_link_libraries(amphora_${name} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_LIBRARIES})
    amphora_target_defaults(amphora_${name})
    set_property(GLOBAL APPEND PROPERTY AMPHORA_FLOORS amphora_${name})
endfunction()

# amphora_test(codec LINKS amphora_codec)
# One test binary per folder of tests/, with a precompiled gtest header.
function(amphora_test name)
    cmake_parse_arguments(ARG "" "" "LINKS;LABELS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
    if(NOT sources)
        message(NOTICE "tests/${name} has no tests yet")
        return()
    endif()
    add_executable(test_${name} ${sources})
    target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(test_${name} PRIVATE ${ARG_LINKS} fmt::fmt GTest::gmock GTest::gtest_main)
    target_precompile_headers(test_${name} PRIVATE <gtest/gtest.h> <gmock/gmock.h>)
    amphora_target_defaults(test_${name})
    gtest_discover_tests(test_${name} DISCOVERY_TIMEOUT 60
        PROPERTIES TIMEOUT 600 LABELS "${name};${ARG_LABELS}")
endfunction()
