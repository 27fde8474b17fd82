# Installs the build, takes the example out of README.md, and builds and runs it as a stranger would.
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

# The licence, the documents and the version come along.
foreach(document LICENSE README.md engine/README.md engine/document/README.md schema/README.md schema/mission.sql)
    if(NOT EXISTS ${WORK}/prefix/share/doc/amphora/${document})
        message(FATAL_ERROR "the installed package has no share/doc/amphora/${document}")
    endif()
endforeach()
run(${WORK}/prefix/bin/amphora --version)
string(STRIP "${output}" output)
if(NOT output STREQUAL "amphora ${VERSION}")
    message(FATAL_ERROR "amphora --version says '${output}', the project is ${VERSION}")
endif()

# The first ```cpp block of README.md is the example, the first ```sql block its schema, the ```text block
# after it what it prints.
file(READ ${SOURCE}/README.md readme)
# CMake lists split at semicolons and brackets; keep them out of the way while matching.
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

# strict.cpp names the members of every struct of options.
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

# A library that the installed one needs is missed when the application is configured, not when it is linked.
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
# Twice: what the first run left is there.
run(${WORK}/app/build/app)
message(STATUS "the example of README.md does what it says")
