# What an application gets: the headers, one library, the tool, the schema generator, the package that
# find_package(amphora) reads, and the licence and documents.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(DIRECTORY include/amphora DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.hpp)
install(TARGETS amphora EXPORT amphora ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS amphora-schemagen RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(TARGET amphora-cli)
    install(TARGETS amphora-cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(EXPORT amphora NAMESPACE amphora:: FILE amphoraTargets.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/amphora)
configure_package_config_file(tools/cmake/amphoraConfig.cmake.in
    ${CMAKE_CURRENT_BINARY_DIR}/amphoraConfig.cmake
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/amphora)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/amphoraConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/amphoraConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/amphoraConfigVersion.cmake tools/cmake/AmphoraLibraries.cmake
    tools/cmake/AmphoraSchema.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/amphora)

# The documents refer to each other by their paths.
foreach(document LICENSE README.md include/amphora/README.md engine/README.md engine/FORMAT.md
        engine/document/README.md engine/relational/README.md schema/README.md tools/README.md)
    cmake_path(GET document PARENT_PATH folder)
    install(FILES ${document} DESTINATION ${CMAKE_INSTALL_DOCDIR}/${folder})
endforeach()
install(DIRECTORY schema/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/schema FILES_MATCHING PATTERN *.sql
    PATTERN sample EXCLUDE)
