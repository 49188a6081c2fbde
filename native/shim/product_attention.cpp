#include "ggml.h"
#include "lem_shim.h"
#include "product.h"
#include "product_tasks.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace {

// Queries that are computed at once; few enough that little is computed of what causality hides.
constexpr int QUERIES = 48;
// Terms that are summed before results are written.
constexpr int TERMS = 256;

thread_local lem::scratch panels_memory;
thread_local lem::scratch scores_memory;

// Queries that follow each other in one sample, and the keys that any of them sees.
struct query_block {
    int64_t from;
    int     queries;
    int64_t first_key;
    int     keys;
};

// Heads of one tensor: head h of token t begins at data + t * stride + h * size.
struct heads_of {
    float *   data;
    ptrdiff_t stride;
    int       size;

    float * at(int64_t token, int64_t head) const { return data + token * stride + head * size; }
};

heads_of heads(const ggml_tensor * tensor) {
    return { (float *) tensor->data, (ptrdiff_t) (tensor->nb[2] / sizeof(float)), (int) tensor->ne[0] };
}

// The sum of a query's exponentials, and the part of it that is the head's sink; 0 without sinks.
struct exponential_sum {
    float all;
    float sink;
};

// A matrix packed for products, as many panels as its columns need.
struct packed {
    const float * panels;
    int           columns;
    int           terms;
};

class attention {
  public:
    attention(const ggml_tensor * out, const lem_attention_work & work, const ggml_tensor * sinks)
        : kernel_(lem::product_current()), q_(heads(out->src[0])), k_(heads(out->src[1])), v_(heads(out->src[2])),
          first_((const int32_t *) out->src[3]->data), tokens_(out->src[0]->ne[2]), key_heads_(out->src[1]->ne[1]),
          group_(out->src[0]->ne[1] / out->src[1]->ne[1]), scale_(work.scale), cap_(work.cap),
          sinks_(sinks == nullptr ? nullptr : (const float *) sinks->data) {
        // A sample begins with a row that sees itself alone.
        for (int64_t row = 0; row < tokens_; row++) {
            if (row == 0 || first_[row] == row || blocks_.back().queries == QUERIES) {
                blocks_.push_back({ row, 0, first_[row], 0 });
            }
            query_block & block = blocks_.back();
            block.queries++;
            block.keys = (int) (row + 1 - block.first_key);
        }
        for (const query_block & block : blocks_) {
            most_keys_ = std::max(most_keys_, block.keys);
        }
    }

    int64_t blocks() const { return (int64_t) blocks_.size(); }
    int64_t key_heads() const { return key_heads_; }
    int64_t tokens() const { return tokens_; }
    int     head_size() const { return q_.size; }
    int64_t all_heads() const { return key_heads_ * group_; }
    bool    has_sinks() const { return sinks_ != nullptr; }

    // The results of the queries of a block for the heads that share a KV head.
    void forward(const query_block & block, int64_t key_head, const heads_of & out) const {
        float *      memory = panels_memory.floats(2 * panel_floats());
        const packed keys   = pack_tokens(k_.at(block.first_key, key_head), k_.stride, block.keys, memory);
        const packed values = pack_sizes(v_.at(block.first_key, key_head), v_.stride, block.keys, memory + panel_floats());
        float *      p      = scores_memory.floats((size_t) QUERIES * most_keys_);
        for (int64_t head = key_head * group_; head < (key_head + 1) * group_; head++) {
            float sums[QUERIES];
            scores(block, head, keys, p);
            for (int i = 0; i < block.queries; i++) {
                sums[i] = exponentials(block, i, head, p, nullptr).all;
            }
            float * to = out.at(block.from, head);
            multiply(block.queries, { p, block.keys, 1 }, values, to, out.stride, true);
            for (int i = 0; i < block.queries; i++) {
                kernel_.scale(to + i * out.stride, out.size, 1 / sums[i]);
            }
        }
    }

    // Writes the gradients of the block's queries and adds to those of its keys and values. Writes what the queries add to the
    // gradients of the sinks, a number per head for each token, if there are sinks.
    void backward(const query_block & block, int64_t key_head, const heads_of & d_out, const heads_of & dq,
                  const heads_of & dk, const heads_of & dv, float * d_sinks) const {
        float *      memory = panels_memory.floats(4 * panel_floats());
        const packed keys   = pack_tokens(k_.at(block.first_key, key_head), k_.stride, block.keys, memory);
        const packed values = pack_tokens(v_.at(block.first_key, key_head), v_.stride, block.keys, memory + panel_floats());
        const packed back   = pack_sizes(k_.at(block.first_key, key_head), k_.stride, block.keys, memory + 2 * panel_floats());
        float *      own    = memory + 3 * panel_floats();
        const size_t floats = (size_t) QUERIES * most_keys_;
        float *      p      = scores_memory.floats((cap_ == 0 ? 2 : 3) * floats);
        float *      ds     = p + floats;
        float *      capped = cap_ == 0 ? nullptr : ds + floats;
        for (int64_t head = key_head * group_; head < (key_head + 1) * group_; head++) {
            scores(block, head, keys, p);
            const float * d = d_out.at(block.from, head);
            multiply(block.queries, { d, d_out.stride, 1 }, values, ds, block.keys, true);
            for (int i = 0; i < block.queries; i++) {
                const exponential_sum sum   = exponentials(block, i, head, p, capped);
                const float           inner = score_gradients(block, i, p, sum.all, ds, capped);
                if (has_sinks()) {
                    d_sinks[(block.from + i) * all_heads() + head] = -(sum.sink / sum.all) * inner;
                }
            }
            multiply(block.queries, { ds, block.keys, 1 }, back, dq.at(block.from, head), dq.stride, true);
            const packed d_queries = pack_sizes(d, d_out.stride, block.queries, own);
            multiply(block.keys, { p, 1, block.keys }, d_queries, dv.at(block.first_key, key_head), dv.stride, false);
            const packed queries = pack_sizes(q_.at(block.from, head), q_.stride, block.queries, own);
            multiply(block.keys, { ds, 1, block.keys }, queries, dk.at(block.first_key, key_head), dk.stride, false);
        }
    }

    const query_block & block(int64_t index) const { return blocks_[index]; }

  private:
    // Enough for the keys of a block in either form, and for its queries.
    size_t panel_floats() const {
        const size_t tokens = (size_t) std::max(most_keys_, QUERIES) + kernel_.columns;
        return tokens * (q_.size + kernel_.columns);
    }

    // Columns are tokens, terms the values of a head.
    packed pack_tokens(const float * from, ptrdiff_t stride, int tokens, float * panels) const {
        for (int done = 0; done < tokens; done += kernel_.columns) {
            kernel_.pack_rows(from + done * stride, stride, 1, std::min(kernel_.columns, tokens - done), q_.size,
                              panels + (size_t) done * q_.size);
        }
        return { panels, tokens, q_.size };
    }

    // Columns are the values of a head, terms are tokens.
    packed pack_sizes(const float * from, ptrdiff_t stride, int tokens, float * panels) const {
        for (int done = 0; done < q_.size; done += kernel_.columns) {
            kernel_.pack_terms(from + done, stride, std::min(kernel_.columns, q_.size - done), tokens,
                               panels + (size_t) done * tokens);
        }
        return { panels, q_.size, tokens };
    }

    void multiply(int rows, lem::product_operand a, const packed & b, float * out, ptrdiff_t stride, bool first) const {
        for (int term = 0; term < b.terms; term += TERMS) {
            const int terms = std::min(TERMS, b.terms - term);
            for (int done = 0; done < b.columns; done += kernel_.columns) {
                const float * panel = b.panels + (size_t) done * b.terms + (size_t) term * kernel_.columns;
                for (int row = 0; row < rows; row += kernel_.rows) {
                    const lem::product_operand operand = {
                        a.data + row * a.row_stride + term * a.k_stride, a.row_stride, a.k_stride };
                    kernel_.tile(std::min(kernel_.rows, rows - row), std::min(kernel_.columns, b.columns - done), terms,
                                 operand, panel, out + row * stride + done, stride, first && term == 0);
                }
            }
        }
    }

    void scores(const query_block & block, int64_t head, const packed & keys, float * p) const {
        multiply(block.queries, { q_.at(block.from, head), q_.stride, 1 }, keys, p, block.keys, true);
    }

    // Turns the scores of a query into exponentials, zeros where it does not see a key; returns their sum. Writes what
    // capping multiplies gradients by, if `slopes` is given. The sum includes the head's sink.
    exponential_sum exponentials(const query_block & block, int query, int64_t head, float * p, float * slopes) const {
        float *   row   = p + (size_t) query * block.keys;
        const int begin = (int) (first_[block.from + query] - block.first_key);
        const int end   = (int) (block.from + query + 1 - block.first_key);
        float     scale = scale_;
        if (cap_ != 0) {
            for (int i = begin; i < end; i++) {
                const float tanh = std::tanh(row[i] * scale_ / cap_);
                row[i]           = cap_ * tanh;
                if (slopes != nullptr) {
                    slopes[(size_t) query * block.keys + i] = 1 - tanh * tanh;
                }
            }
            scale = 1;
        }
        std::memset(row, 0, begin * sizeof(float));
        std::memset(row + end, 0, (block.keys - end) * sizeof(float));
        float largest = kernel_.largest(row + begin, end - begin);
        if (sinks_ == nullptr) {
            return { kernel_.exponentials(row + begin, end - begin, scale, largest), 0 };
        }
        largest = std::max(largest, sinks_[head] / scale);
        const float sink = std::exp(sinks_[head] - scale * largest);
        return { kernel_.exponentials(row + begin, end - begin, scale, largest) + sink, sink };
    }

    // Makes probabilities of exponentials, and of their gradients those of the scores. Returns the sum of probability times its
    // gradient.
    float score_gradients(const query_block & block, int query, float * p, float sum, float * ds, const float * slopes) const {
        const int begin = (int) (first_[block.from + query] - block.first_key);
        const int end   = (int) (block.from + query + 1 - block.first_key);
        float *   row   = p + (size_t) query * block.keys;
        float *   d     = ds + (size_t) query * block.keys;
        const int count = end - begin;
        kernel_.scale(row + begin, count, 1 / sum);
        std::memset(d, 0, begin * sizeof(float));
        std::memset(d + end, 0, (block.keys - end) * sizeof(float));
        const float inner = kernel_.dot(row + begin, d + begin, count);
        kernel_.softmax_back(d + begin, row + begin, count, inner, scale_);
        if (slopes != nullptr) {
            for (int i = begin; i < end; i++) {
                d[i] *= slopes[(size_t) query * block.keys + i];
            }
        }
        return inner;
    }

    const lem::product_kernel & kernel_;
    heads_of                    q_;
    heads_of                    k_;
    heads_of                    v_;
    const int32_t *             first_;
    int64_t                     tokens_;
    int64_t                     key_heads_;
    int64_t                     group_;
    float                       scale_;
    float                       cap_;
    const float *               sinks_;
    std::vector<query_block>    blocks_;
    int                         most_keys_ = 0;
};

}  // namespace

void lem_attention(struct ggml_tensor * out, int thread, int threads, void * work) {
    (void) thread;
    auto *          state = static_cast<lem_attention_work *>(work);
    const attention a(out, *state, out->src[4]);
    const heads_of  to = { (float *) out->data, a.all_heads() * a.head_size(), a.head_size() };
    lem::share_out(state->next, state->done, a.blocks() * a.key_heads(), threads, [&](int64_t piece) {
        // The last blocks first: they have most keys.
        a.forward(a.block(a.blocks() - 1 - piece / a.key_heads()), piece % a.key_heads(), to);
    });
}

void lem_attention_back(struct ggml_tensor * out, int thread, int threads, void * work) {
    (void) thread;
    auto *          state      = static_cast<lem_attention_work *>(work);
    const attention a(out, *state, out->src[5]);
    const ptrdiff_t all        = a.all_heads() * a.head_size();
    const ptrdiff_t key_stride = a.key_heads() * a.head_size();
    const heads_of  d_out      = { (float *) out->src[4]->data, all, a.head_size() };
    const heads_of  dq         = { (float *) out->data, all, a.head_size() };
    float *         d_sinks    = dq.data + a.tokens() * (all + 2 * state->parts * key_stride);
    lem::share_out(state->next, state->done, state->parts * a.key_heads(), threads, [&](int64_t piece) {
        const int64_t  head = piece % a.key_heads();
        const int64_t  part = piece / a.key_heads();
        const heads_of dk   = { dq.data + a.tokens() * (all + part * key_stride), key_stride, a.head_size() };
        const heads_of dv   = { dk.data + a.tokens() * state->parts * key_stride, key_stride, a.head_size() };
        for (int64_t token = 0; token < a.tokens(); token++) {
            std::memset(dk.at(token, head), 0, a.head_size() * sizeof(float));
            std::memset(dv.at(token, head), 0, a.head_size() * sizeof(float));
        }
        for (int64_t block = part; block < a.blocks(); block += state->parts) {
            a.backward(a.block(block), head, d_out, dq, dk, dv, d_sinks);
        }
    });
}
