// Included before llama.cpp's llama-vocab.cpp, which takes time that grows with the square of a text in two places.
#pragma once

// All that the file includes, so that what is defined below changes nothing but the file itself.
#include "ggml.h"
#include "gguf.h"
#include "llama-impl.h"
#include "llama-model-loader.h"
#include "llama-vocab.h"
#include "unicode.h"

#include <algorithm>
#include <cassert>
#include <cctype>
#include <cfloat>
#include <cmath>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <forward_list>
#include <limits>
#include <map>
#include <queue>
#include <set>
#include <unordered_map>

// For every token found in a text it counts the fragments before it.
#include "fragment_list.h"

#define forward_list lem_fragment_list

// For every character without a token it reserves room for exactly its bytes, so that all tokens are copied each time.
// Reserving is never more than a hint.
#define reserve(n) reserve(0)
