# amphora_find_libraries(FOUND DIRECTORIES MESSAGE)
#
# Looks for the libraries that have no CMake package of their own. Sets FOUND to whether all of them were found,
# DIRECTORIES to the directories where they are, and MESSAGE to what is missing and how to install it. Used when
# Amphora itself is configured, and by find_package(amphora).
function(amphora_find_libraries found directories message)
    set(all_found TRUE)
    set(places)
    set(missing)
    foreach(line "lmdb;LMDB;liblmdb-dev" "rocksdb;RocksDB;librocksdb-dev" "boost_json;Boost.JSON;libboost-json-dev")
        list(GET line 0 library)
        list(GET line 1 title)
        list(GET line 2 package)
        string(TOUPPER AMPHORA_${library}_LIBRARY variable)
        find_library(${variable} ${library})
        mark_as_advanced(${variable})
        if(${variable})
            cmake_path(GET ${variable} PARENT_PATH place)
            list(APPEND places ${place})
        else()
            set(all_found FALSE)
            string(APPEND missing
                "\nThe library ${title} was not found. Install it (on Debian: ${package}), "
                "or name its file with -D ${variable}=FILE.")
        endif()
    endforeach()
    list(REMOVE_DUPLICATES places)
    # The compiler searches these by itself. Naming them would change the order of its search.
    list(REMOVE_ITEM places ${CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES})
    set(${found} ${all_found} PARENT_SCOPE)
    set(${directories} "${places}" PARENT_SCOPE)
    set(${message} "${missing}" PARENT_SCOPE)
endfunction()
