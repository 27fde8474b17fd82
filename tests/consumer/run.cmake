# Installs the build, takes the examples out of README.md and include/amphora/README.md, and builds and runs them with
# the installed package alone.
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
foreach(document LICENSE README.md include/amphora/README.md engine/README.md engine/FORMAT.md
        engine/document/README.md engine/relational/README.md schema/README.md schema/mission.sql tools/README.md)
    if(NOT EXISTS ${WORK}/prefix/share/doc/amphora/${document})
        message(FATAL_ERROR "the installed package has no share/doc/amphora/${document}")
    endif()
endforeach()
run(${WORK}/prefix/bin/amphora --version)
string(STRIP "${output}" output)
if(NOT output STREQUAL "amphora ${VERSION}")
    message(FATAL_ERROR "amphora --version says '${output}', the project is ${VERSION}")
endif()

# Works with FIND and SUBSTRING: the lists of REGEX results would split at semicolons and brackets.
# Puts the text between the first line of KIND after `from` and its end into `result`, and the place after it into
# `end`, which is -1 if there is none.
function(find_block page kind from result end)
    set(${end} -1 PARENT_SCOPE)
    if(from EQUAL -1)  # an earlier block is missing
        return()
    endif()
    string(SUBSTRING "${page}" ${from} -1 page)
    string(FIND "${page}" "```${kind}\n" begin)
    if(begin EQUAL -1)
        return()
    endif()
    string(LENGTH "```${kind}\n" skip)
    math(EXPR begin "${begin} + ${skip}")
    string(SUBSTRING "${page}" ${begin} -1 rest)
    string(FIND "${rest}" "```" length)
    string(SUBSTRING "${rest}" 0 ${length} block)
    set(${result} "${block}" PARENT_SCOPE)
    math(EXPR after "${from} + ${begin} + ${length} + 3")
    set(${end} ${after} PARENT_SCOPE)
endfunction()
# The first block of KIND.
function(take_block page kind result)
    find_block("${page}" ${kind} 0 block end)
    if(end EQUAL -1)
        message(FATAL_ERROR "a page has no ${kind} block")
    endif()
    set(${result} "${block}" PARENT_SCOPE)
endfunction()

# In README.md, each ```cpp block is a program, and the ```text block after it is what it prints. The first ```sql block
# is the schema of the first program, which is the example, and of the second one, that of the change feed. The second
# ```sql block is the schema of the third program, that of consumers. The ```sh block after it works on what that leaves.
file(READ ${SOURCE}/README.md readme)
find_block("${readme}" sql 0 schema end)
find_block("${readme}" cpp ${end} program end)
find_block("${readme}" text ${end} expected end)
find_block("${readme}" cpp ${end} feed_program end)
find_block("${readme}" text ${end} feed_expected end)
find_block("${readme}" sql ${end} shop_schema end)
find_block("${readme}" cpp ${end} shop_program end)
find_block("${readme}" text ${end} shop_expected end)
find_block("${readme}" sh ${end} shop_commands end)
if(end EQUAL -1)
    message(FATAL_ERROR "README.md lacks the commands after the example of consumers")
endif()
file(WRITE ${WORK}/app/main.cpp "${program}")
file(WRITE ${WORK}/app/feed.cpp "${feed_program}")
file(WRITE ${WORK}/app/shop.cpp "${shop_program}")
file(WRITE ${WORK}/app/app.sql "${schema}")
file(WRITE ${WORK}/app/shop.sql "${shop_schema}")

# In include/amphora/README.md, all ```cpp blocks of the tutorial together are a program, and each block after it is
# the inside of a function.
file(READ ${SOURCE}/include/amphora/README.md guide)
take_block("${guide}" sql tutorial_schema)
take_block("${guide}" text tutorial_expected)
string(FIND "${guide}" "\n## Transactions\n" tutorial_end)
set(tutorial "")
set(fragments "#include <amphora/amphora.hpp>\n#include \"club.hpp\"\n#include <chrono>\nusing amphora::Document;\n")
set(count 0)
set(from 0)
while(from GREATER -1)
    find_block("${guide}" cpp ${from} block from)
    if(from EQUAL -1)
        break()
    elseif(from LESS tutorial_end)
        string(APPEND tutorial "${block}")
    else()
        math(EXPR count "${count} + 1")
        string(APPEND fragments "void fragment_${count}(amphora::Database& db) {\n${block}}\n")
    endif()
endwhile()
if(count EQUAL 0)
    message(FATAL_ERROR "include/amphora/README.md has no code after the tutorial")
endif()
file(WRITE ${WORK}/app/tutorial.cpp "${tutorial}")
file(WRITE ${WORK}/app/fragments.cpp "${fragments}")
file(WRITE ${WORK}/app/club.sql "${tutorial_schema}")
file(COPY ${SOURCE}/tests/consumer/project/CMakeLists.txt ${SOURCE}/tests/consumer/project/strict.cpp DESTINATION ${WORK}/app)

# In README.md, the first ```cmake block configures an application, with the installed package and with the sources.
take_block("${readme}" cmake lists)
string(REPLACE "find_package(amphora REQUIRED)" "add_subdirectory(third_party/amphora)" lists_with_sources "${lists}")
if(lists STREQUAL lists_with_sources)
    message(FATAL_ERROR "the CMakeLists.txt of README.md has no find_package(amphora REQUIRED)")
endif()
file(WRITE ${WORK}/app/installed/CMakeLists.txt "${lists}")
file(WRITE ${WORK}/app/sources/CMakeLists.txt "${lists_with_sources}")
file(MAKE_DIRECTORY ${WORK}/app/sources/third_party)
file(CREATE_LINK ${SOURCE} ${WORK}/app/sources/third_party/amphora SYMBOLIC)
foreach(way installed sources)
    file(COPY ${WORK}/app/main.cpp ${WORK}/app/app.sql DESTINATION ${WORK}/app/${way})
    run(${CMAKE_COMMAND} -S ${way} -B ${way}/build -G ${GENERATOR} -D CMAKE_PREFIX_PATH=${WORK}/prefix)
endforeach()

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
# Runs a program, and compares what it prints with what the page says.
function(expect_output program page expected)
    run(${WORK}/app/build/${program})
    string(STRIP "${output}" output)
    string(STRIP "${expected}" expected)
    if(NOT output STREQUAL expected)
        message(FATAL_ERROR "${page} says the example prints\n${expected}\nit printed\n${output}")
    endif()
    # The second run opens the database that the first run left.
    run(${WORK}/app/build/${program})
endfunction()
expect_output(app README.md "${expected}")
expect_output(feed README.md "${feed_expected}")
expect_output(shop README.md "${shop_expected}")
file(WRITE ${WORK}/app/commands.sh "set -eu\nPATH=${WORK}/prefix/bin:$PATH\n${shop_commands}")
run(sh commands.sh)
foreach(line "points +" "mailer +" "insert orders" "update customers" "insert receipts"
        "trace: [0-9]+ changes and letters of visit 7"
        "shop.archive: [0-9]+ segments more" "\"op\": \"insert\", \"collection\": \"receipts\"")
    if(NOT output MATCHES "${line}")
        message(FATAL_ERROR "the commands of README.md print no '${line}'\n${output}")
    endif()
endforeach()
expect_output(tutorial include/amphora/README.md "${tutorial_expected}")
message(STATUS "the examples of the pages do what they say")
