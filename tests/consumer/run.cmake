# Installs the build, takes the example out of README.md, and builds and runs it with the installed package alone.
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK}/app)

function(run)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${WORK}/app RESULT_VARIABLE result
        OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "failed: ${ARGN}\n${output}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)

# The package contains the licence and the documents, and knows its version.
foreach(document LICENSE README.md engine/README.md engine/FORMAT.md engine/document/README.md
        engine/relational/README.md schema/README.md schema/mission.sql tools/README.md)
    if(NOT EXISTS ${WORK}/prefix/share/doc/amphora/${document})
        message(FATAL_ERROR "the installed package has no share/doc/amphora/${document}")
    endif()
endforeach()
run(${WORK}/prefix/bin/amphora --version)
string(STRIP "${output}" output)
if(NOT output STREQUAL "amphora ${VERSION}")
    message(FATAL_ERROR "amphora --version says '${output}', the project is ${VERSION}")
endif()

# In README.md, the first ```cpp block is the example, the first ```sql block is its schema, and the first ```text
# block is what it prints.
file(READ ${SOURCE}/README.md readme)
# Works with FIND and SUBSTRING: the lists of REGEX results would split at semicolons and brackets.
function(take_block kind result)
    string(FIND "${readme}" "```${kind}\n" begin)
    if(begin EQUAL -1)
        message(FATAL_ERROR "README.md has no ${kind} block")
    endif()
    string(LENGTH "```${kind}\n" skip)
    math(EXPR begin "${begin} + ${skip}")
    string(SUBSTRING "${readme}" ${begin} -1 rest)
    string(FIND "${rest}" "```" end)
    string(SUBSTRING "${rest}" 0 ${end} block)
    set(${result} "${block}" PARENT_SCOPE)
endfunction()
take_block(cpp program)
take_block(sql schema)
take_block(text expected)
file(WRITE ${WORK}/app/main.cpp "${program}")
file(WRITE ${WORK}/app/app.sql "${schema}")
file(COPY ${SOURCE}/tests/consumer/project/CMakeLists.txt ${SOURCE}/tests/consumer/project/strict.cpp DESTINATION ${WORK}/app)

# strict.cpp must name the members of every struct of options.
file(READ ${SOURCE}/tests/consumer/project/strict.cpp strict)
file(GLOB headers ${WORK}/prefix/include/amphora/*.hpp)
foreach(header ${headers})
    file(STRINGS ${header} structs REGEX "^struct [A-Za-z]*Options {")
    foreach(line ${structs})
        string(REGEX REPLACE "^struct ([A-Za-z]*) .*" "\\1" name "${line}")
        if(NOT strict MATCHES "const ${name} ")
            message(FATAL_ERROR "tests/consumer/project/strict.cpp lacks ${name}, of ${header}")
        endif()
    endforeach()
endforeach()

# If a library that Amphora needs is not installed, configuring the application fails with a message; it does not
# wait until the application is linked.
execute_process(COMMAND ${CMAKE_COMMAND} -S . -B without_rocksdb -G ${GENERATOR}
        -D CMAKE_PREFIX_PATH=${WORK}/prefix
        -D CMAKE_PROJECT_INCLUDE=${SOURCE}/tests/consumer/without_rocksdb.cmake
    WORKING_DIRECTORY ${WORK}/app RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
string(REGEX REPLACE "[ \n]+" " " output "${output}")
string(FIND "${output}" "The library RocksDB was not found. Install it (on Debian: librocksdb-dev)" at)
if(result EQUAL 0 OR at EQUAL -1)
    message(FATAL_ERROR "RocksDB is missing, and that was not said: ${result} ${output}")
endif()

run(${CMAKE_COMMAND} -S . -B build -G ${GENERATOR} -D CMAKE_PREFIX_PATH=${WORK}/prefix
    "-D CMAKE_CXX_FLAGS=${FLAGS}")
run(${CMAKE_COMMAND} --build build)
run(${WORK}/app/build/app)
string(STRIP "${output}" output)
string(STRIP "${expected}" expected)
if(NOT output STREQUAL expected)
    message(FATAL_ERROR "README.md says the example prints\n${expected}\nit printed\n${output}")
endif()
# The second run opens the database that the first run left.
run(${WORK}/app/build/app)
message(STATUS "the example of README.md does what it says")
