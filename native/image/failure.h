// What went wrong last in this thread; mti_last_error gives it out.

#pragma once

#include <string>

extern thread_local std::string last_error;
