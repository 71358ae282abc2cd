# Less to compile: the parts around ggml without optimisation, their large header once.
function(quicken)
  foreach(target llama-common mtmd server-context llama-server-impl)
    if(TARGET ${target})
      target_compile_options(${target} PRIVATE -O0)
      target_precompile_headers(${target} PRIVATE <nlohmann/json.hpp>)
    endif()
  endforeach()
  set_source_files_properties(
    ${CMAKE_SOURCE_DIR}/tools/mtmd/mtmd-helper.cpp ${CMAKE_SOURCE_DIR}/tools/mtmd/mtmd-helper-gen.cpp
    TARGET_DIRECTORY mtmd PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  set_target_properties(mtmd PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
endfunction()
if(CMAKE_PROJECT_NAME STREQUAL PROJECT_NAME)
  cmake_language(DEFER CALL quicken)
endif()
