#pragma once

namespace amphora {

/// Names the calling thread for debuggers and `top`; the system keeps the first 15 characters.
void name_thread(const char* name) noexcept;

}  // namespace amphora
