// Included before llama.cpp's llama-vocab.cpp, which takes time that grows with the square of a text in two places.
#pragma once

// Everything that the file includes, so that the definitions below change only the file itself.
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

// For every special token in a text it counts the fragments before it.
#include "fragment_list.h"

#define forward_list lem_fragment_list

// For every character that has no token it reserves memory for exactly the bytes of this character, so all tokens are
// copied each time. All calls of reserve in this file are only hints.
#define reserve(n) reserve(0)
