#include "ggml.h"
#include "lem_shim.h"
#include "product.h"
#include "product_tasks.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace {

// Columns of one piece of work: a multiple of every block size of ggml's types.
constexpr int64_t COLUMNS = 256;
// Rows of one expert that are multiplied at once. Each time, the columns are packed again.
constexpr int64_t ROWS = 384;

thread_local lem::scratch rows_memory;
thread_local lem::scratch other_rows_memory;
thread_local lem::scratch results_memory;

// The rows that chose each expert. Row i is choice i % used of token i / used.
class choices {
  public:
    choices(const ggml_tensor * ids, int64_t experts)
        : used_(ids->ne[0]), starts_(experts + 1, 0), rows_(ids->ne[0] * ids->ne[1]) {
        const auto expert = [ids](int64_t row) {
            return *(const int32_t *) ((const char *) ids->data + row % ids->ne[0] * ids->nb[0] +
                                       row / ids->ne[0] * ids->nb[1]);
        };
        const int64_t all = (int64_t) rows_.size();
        for (int64_t row = 0; row < all; row++) {
            starts_[expert(row) + 1]++;
        }
        for (int64_t i = 0; i < experts; i++) {
            starts_[i + 1] += starts_[i];
        }
        std::vector<int64_t> next(starts_.begin(), starts_.end() - 1);
        for (int64_t row = 0; row < all; row++) {
            rows_[next[expert(row)]++] = row;
        }
    }

    int64_t         used() const { return used_; }
    int64_t         count(int64_t expert) const { return starts_[expert + 1] - starts_[expert]; }
    const int64_t * rows(int64_t expert) const { return rows_.data() + starts_[expert]; }

  private:
    int64_t              used_;
    std::vector<int64_t> starts_;
    std::vector<int64_t> rows_;
};

// Rows of a contiguous tensor, one for each choice or one for each token.
class row_source {
  public:
    row_source(const ggml_tensor * tensor, int64_t used)
        : data_((const float *) tensor->data), width_(tensor->ne[0]), divisor_(tensor->ne[1] == used ? 1 : used) {}

    int64_t width() const { return width_; }

    // Copies `count` values of each row, from one number on.
    void gather(const int64_t * rows, int64_t row_count, int64_t from, int64_t count, float * to) const {
        for (int64_t i = 0; i < row_count; i++) {
            std::memcpy(to + i * count, data_ + rows[i] / divisor_ * width_ + from, count * sizeof(float));
        }
    }

  private:
    const float * data_;
    int64_t       width_;
    int64_t       divisor_;
};

ggml_tensor matrix_of(ggml_type type, const void * data, int64_t n0, int64_t n1, size_t stride0, size_t stride1) {
    ggml_tensor tensor = {};
    tensor.type        = type;
    tensor.data        = const_cast<void *>(data);
    tensor.ne[0]       = n0;
    tensor.ne[1]       = n1;
    tensor.ne[2]       = 1;
    tensor.ne[3]       = 1;
    tensor.nb[0]       = stride0;
    tensor.nb[1]       = stride1;
    tensor.nb[2]       = stride1 * n1;
    tensor.nb[3]       = stride1 * n1;
    return tensor;
}

ggml_tensor floats_of(const float * data, int64_t n0, int64_t n1) {
    return matrix_of(GGML_TYPE_F32, data, n0, n1, sizeof(float), n0 * sizeof(float));
}

// out = the product of the matrix with the rows, on this thread.
void multiply(ggml_tensor & matrix, bool transposed, ggml_tensor & rows, float * results, int64_t columns) {
    ggml_tensor      out  = floats_of(results, columns, rows.ne[1]);
    lem_product_work work = { 0, 0, transposed ? 1 : 0 };
    out.src[0]            = &matrix;
    out.src[1]            = &rows;
    lem_product(&out, 0, 1, &work);
}

class expert_product {
  public:
    expert_product(ggml_tensor * out, bool transposed)
        : out_(out), matrices_(out->src[0]), choices_(out->src[2], out->src[0]->ne[2]),
          x_(out->src[1], out->src[2]->ne[0]), addend_(out->src[3]), transposed_(transposed),
          sums_(out->ne[1] * out->ne[2] != out->src[2]->ne[0] * out->src[2]->ne[1]),
          parts_((out->ne[0] + COLUMNS - 1) / COLUMNS) {}

    // If choices are summed, one thread computes a column, so that the order of the sum is always the same.
    int64_t pieces() const { return sums_ ? parts_ : parts_ * matrices_->ne[2]; }

    void compute(int64_t piece) const {
        const int64_t column = piece % parts_ * COLUMNS;
        const int64_t count  = std::min(COLUMNS, out_->ne[0] - column);
        if (!sums_) {
            expert(piece / parts_, column, count);
            return;
        }
        for (int64_t row = 0; row < out_->ne[1]; row++) {
            set(row, column, count, nullptr);
        }
        for (int64_t i = 0; i < matrices_->ne[2]; i++) {
            expert(i, column, count);
        }
    }

  private:
    void expert(int64_t expert, int64_t column, int64_t columns) const {
        const int64_t   terms = x_.width();
        const int64_t   all   = choices_.count(expert);
        const int64_t * rows  = choices_.rows(expert);
        for (int64_t from = 0; from < all; from += ROWS) {
            const int64_t count   = std::min(ROWS, all - from);
            float *       x       = rows_memory.floats(count * terms);
            float *       results = results_memory.floats(count * columns);
            x_.gather(rows + from, count, 0, terms, x);
            ggml_tensor matrix   = part(expert, column, columns, terms);
            ggml_tensor operands = floats_of(x, terms, count);
            multiply(matrix, transposed_, operands, results, columns);
            for (int64_t i = 0; i < count; i++) {
                if (sums_) {
                    add(rows[from + i] / choices_.used(), column, columns, results + i * columns);
                } else {
                    set(rows[from + i], column, columns, results + i * columns);
                }
            }
        }
    }

    // Some columns of the matrix of an expert.
    ggml_tensor part(int64_t expert, int64_t column, int64_t columns, int64_t terms) const {
        const char * data = (const char *) matrices_->data + expert * matrices_->nb[2];
        if (!transposed_) {
            return matrix_of(matrices_->type, data + column * matrices_->nb[1], terms, columns, matrices_->nb[0],
                             matrices_->nb[1]);
        }
        return matrix_of(matrices_->type, data + column / ggml_blck_size(matrices_->type) * matrices_->nb[0], columns, terms,
                         matrices_->nb[0], matrices_->nb[1]);
    }

    float * at(int64_t row, int64_t column) const { return (float *) out_->data + row * out_->ne[0] + column; }

    // The addend, if there is one, and the values, if they are given.
    void set(int64_t row, int64_t column, int64_t columns, const float * values) const {
        float * to = at(row, column);
        if (addend_ == nullptr && values == nullptr) {
            std::memset(to, 0, columns * sizeof(float));
            return;
        }
        const float * first = addend_ == nullptr ? values : (const float *) addend_->data + row * out_->ne[0] + column;
        std::memmove(to, first, columns * sizeof(float));
        if (addend_ != nullptr && values != nullptr) {
            add(row, column, columns, values);
        }
    }

    void add(int64_t row, int64_t column, int64_t columns, const float * values) const {
        float * to = at(row, column);
        for (int64_t i = 0; i < columns; i++) {
            to[i] += values[i];
        }
    }

    ggml_tensor *       out_;
    const ggml_tensor * matrices_;
    choices             choices_;
    row_source          x_;
    const ggml_tensor * addend_;
    bool                transposed_;
    bool                sums_;
    int64_t             parts_;
};

class expert_outer_product {
  public:
    explicit expert_outer_product(ggml_tensor * out)
        : out_(out), a_(out->src[0], out->src[2]->ne[0]), b_(out->src[1], out->src[2]->ne[0]),
          choices_(out->src[2], out->ne[2]), parts_((out->ne[0] + COLUMNS - 1) / COLUMNS) {}

    int64_t pieces() const { return parts_ * out_->ne[2]; }

    void compute(int64_t piece) const {
        const int64_t   expert  = piece / parts_;
        const int64_t   column  = piece % parts_ * COLUMNS;
        const int64_t   columns = std::min(COLUMNS, out_->ne[0] - column);
        const int64_t   count   = choices_.count(expert);
        const int64_t   width   = b_.width();
        const int64_t * rows    = choices_.rows(expert);
        float *         results = results_memory.floats(width * columns);
        if (count == 0) {
            std::memset(results, 0, width * columns * sizeof(float));
        } else {
            float * a = rows_memory.floats(count * columns);
            float * b = other_rows_memory.floats(count * width);
            a_.gather(rows, count, column, columns, a);
            b_.gather(rows, count, 0, width, b);
            ggml_tensor matrix   = floats_of(a, columns, count);
            ggml_tensor operands = matrix_of(GGML_TYPE_F32, b, count, width, width * sizeof(float), sizeof(float));
            multiply(matrix, true, operands, results, columns);
        }
        float * to = (float *) out_->data + expert * out_->ne[0] * out_->ne[1] + column;
        for (int64_t i = 0; i < width; i++) {
            std::memcpy(to + i * out_->ne[0], results + i * columns, columns * sizeof(float));
        }
    }

  private:
    ggml_tensor * out_;
    row_source    a_;
    row_source    b_;
    choices       choices_;
    int64_t       parts_;
};

}  // namespace

void lem_expert_product(struct ggml_tensor * out, int thread, int threads, void * work) {
    (void) thread;
    auto *               state = static_cast<lem_product_work *>(work);
    const expert_product product(out, (state->columns & 1) != 0);
    lem::share_out(state->next, state->done, product.pieces(), threads, [&](int64_t piece) { product.compute(piece); });
}

void lem_expert_outer_product(struct ggml_tensor * out, int thread, int threads, void * work) {
    (void) thread;
    auto *                     state = static_cast<lem_product_work *>(work);
    const expert_outer_product product(out);
    lem::share_out(state->next, state->done, product.pieces(), threads, [&](int64_t piece) { product.compute(piece); });
}

void lem_clamped_gate_back(struct ggml_tensor * out, int thread, int threads, void * work) {
    const auto *  limits = static_cast<const lem_clamped_gate_work *>(work);
    const int64_t values = ggml_nelements(out->src[0]);
    const auto *  gate   = (const float *) out->src[0]->data;
    const auto *  up     = (const float *) out->src[1]->data;
    const auto *  d      = (const float *) out->src[2]->data;
    float *       d_gate = (float *) out->data;
    float *       d_up   = d_gate + values;
    for (int64_t i = values * thread / threads; i < values * (thread + 1) / threads; i++) {
        const float x = std::min(gate[i], limits->limit);
        const float y = std::clamp(up[i], -limits->limit, limits->limit);
        const float s = 1 / (1 + std::exp(-limits->alpha * x));
        d_gate[i]     = gate[i] > limits->limit ? 0 : d[i] * (y + 1) * s * (1 + limits->alpha * x * (1 - s));
        d_up[i]       = up[i] == y ? d[i] * x * s : 0;
    }
}
