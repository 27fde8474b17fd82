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
file(COPY ${SOURCE}/tests/consumer/project/CMakeLists.txt DESTINATION ${WORK}/app)

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
