# Imitates a machine where every library but RocksDB is installed.
function(find_library variable name)
    if(name STREQUAL "rocksdb")
        set(${variable} ${variable}-NOTFOUND PARENT_SCOPE)
    else()
        _find_library(${variable} ${name} ${ARGN})
        set(${variable} ${${variable}} PARENT_SCOPE)
    endif()
endfunction()
