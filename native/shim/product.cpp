#include "product.h"

#include "ggml.h"
#include "lem_shim.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <iterator>
#include <memory>
#include <new>

namespace {

bool can_run(const lem::product_kernel & kernel) {
#ifdef LEM_PRODUCT_X86
    __builtin_cpu_init();
    if (&kernel == &lem::product_avx512) {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
    }
    if (&kernel == &lem::product_avx2) {
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    }
#endif
    return &kernel == &lem::product_generic;
}

// The fastest first.
const lem::product_kernel * const kernels[] = {
#ifdef LEM_PRODUCT_X86
    &lem::product_avx512,
    &lem::product_avx2,
#endif
    &lem::product_generic,
};

const lem::product_kernel * fastest() {
    return *std::find_if(std::begin(kernels), std::end(kernels), [](auto * kernel) { return can_run(*kernel); });
}

std::atomic<const lem::product_kernel *> chosen{ nullptr };

}  // namespace

const lem::product_kernel & lem::product_current() {
    static const product_kernel * const best  = fastest();
    const product_kernel *              other = chosen.load();
    return other == nullptr ? *best : *other;
}

const char * lem_product_instructions(void) {
    return lem::product_current().name;
}

bool lem_product_use(const char * instructions) {
    for (const lem::product_kernel * kernel : kernels) {
        if (std::strcmp(kernel->name, instructions) == 0 && can_run(*kernel)) {
            chosen.store(kernel);
            return true;
        }
    }
    return false;
}

namespace {

// Terms that are summed before the results are written: a panel of this many stays in the first cache.
constexpr int TERMS = 256;
// Rows that go through all panels of a block: this many, with TERMS numbers each, stay in the second cache.
constexpr int ROWS_IN_CACHE = 192;
// Columns of one piece of work. A multiple of every block size of ggml's types, so that rows are expanded in whole blocks.
constexpr int COLUMNS = 256;
// Fewer columns where these are many threads; a multiple of what types without blocks need.
constexpr int FEW_COLUMNS = 96;
// Pieces of work per thread that are aimed at, so that one slow thread does not keep the others waiting.
constexpr int PIECES_PER_THREAD = 4;
constexpr int FEWEST_ROWS       = 48;

// Memory of one thread, kept until it ends.
class scratch {
  public:
    float * floats(size_t count) {
        if (count > size_) {
            data_.reset();
            data_.reset(static_cast<float *>(::operator new(count * sizeof(float), std::align_val_t(64))));
            size_ = count;
        }
        return data_.get();
    }

  private:
    struct release {
        void operator()(float * memory) const { ::operator delete(memory, std::align_val_t(64)); }
    };
    std::unique_ptr<float, release> data_;
    size_t                          size_ = 0;
};

thread_local scratch panels_memory;
thread_local scratch expanded_memory;

// The second operand: f32 with any strides, or a type of ggml with its numbers in order along the first axis.
class matrix {
  public:
    matrix(const ggml_tensor * tensor, bool terms_first) : tensor_(tensor), terms_first_(terms_first) {
        traits_ = ggml_get_type_traits(tensor->type);
    }

    // Packs `count` columns from `column` on and `terms` terms from `term` on, panel after panel.
    void pack(const lem::product_kernel & kernel, const char * base, int64_t column, int count, int64_t term, int terms,
              float * panels) const {
        if (tensor_->type == GGML_TYPE_F32) {
            pack_floats(kernel, base, column, count, term, terms, panels);
        } else if (terms_first_) {
            pack_expanded_columns(kernel, base, column, count, term, terms, panels);
        } else {
            pack_expanded_terms(kernel, base, column, count, term, terms, panels);
        }
    }

  private:
    void pack_floats(const lem::product_kernel & kernel, const char * base, int64_t column, int count, int64_t term,
                     int terms, float * panels) const {
        const size_t per_column = tensor_->nb[terms_first_ ? 1 : 0];
        const size_t per_term   = tensor_->nb[terms_first_ ? 0 : 1];
        for (int done = 0; done < count; done += kernel.columns) {
            const int     columns = std::min(kernel.columns, count - done);
            const float * from    = (const float *) (base + (column + done) * per_column + term * per_term);
            float *       panel   = panels + (size_t) done * terms;
            if (per_column == sizeof(float)) {
                kernel.pack_terms(from, per_term / sizeof(float), columns, terms, panel);
            } else {
                kernel.pack_rows(from, per_column / sizeof(float), per_term / sizeof(float), columns, terms, panel);
            }
        }
    }

    // Columns are rows in memory.
    void pack_expanded_columns(const lem::product_kernel & kernel, const char * base, int64_t column, int count,
                               int64_t term, int terms, float * panels) const {
        float * rows = expanded_memory.floats((size_t) kernel.columns * TERMS);
        for (int done = 0; done < count; done += kernel.columns) {
            const int columns = std::min(kernel.columns, count - done);
            for (int i = 0; i < columns; i++) {
                expand(kernel, base + (column + done + i) * tensor_->nb[1], term, terms, rows + i * TERMS);
            }
            kernel.pack_rows(rows, TERMS, 1, columns, terms, panels + (size_t) done * terms);
        }
    }

    // Terms are rows in memory.
    void pack_expanded_terms(const lem::product_kernel & kernel, const char * base, int64_t column, int count,
                             int64_t term, int terms, float * panels) const {
        float * row = expanded_memory.floats((size_t) COLUMNS);
        for (int i = 0; i < terms; i++) {
            expand(kernel, base + (term + i) * tensor_->nb[1], column, count, row);
            for (int done = 0; done < count; done += kernel.columns) {
                const int columns = std::min(kernel.columns, count - done);
                kernel.pack_terms(row + done, 0, columns, 1, panels + (size_t) done * terms + i * kernel.columns);
            }
        }
    }

    // `from` is the beginning of a block.
    void expand(const lem::product_kernel & kernel, const char * row, int64_t from, int count, float * out) const {
        const char * start = row + from / traits_->blck_size * traits_->type_size;
        switch (tensor_->type) {
            case GGML_TYPE_F16: kernel.from_f16((const uint16_t *) start, out, count); break;
            case GGML_TYPE_BF16: kernel.from_bf16((const uint16_t *) start, out, count); break;
            default: traits_->to_float(start, out, count); break;
        }
    }

    const ggml_tensor *      tensor_;
    const ggml_type_traits * traits_;
    bool                     terms_first_;
};

// One product of the stack: out[row][column] = sum over k of a(row, k) * b(column, k).
class product {
  public:
    product(ggml_tensor * out, bool terms_first, int threads)
        : out_(out), a_(out->src[1]), b_(out->src[0]), kernel_(lem::product_current()), matrix_(b_, terms_first) {
        rows_    = out->ne[1];
        columns_ = out->ne[0];
        terms_   = b_->ne[terms_first ? 0 : 1];
        stacks_  = out->ne[2] * out->ne[3];
        plan(threads);
    }

    int64_t pieces() const { return stacks_ * row_pieces_ * column_pieces_; }

    void compute(int64_t piece) const {
        const int64_t column = piece % column_pieces_ * column_step_;
        const int64_t row    = piece / column_pieces_ % row_pieces_ * row_step_;
        const int64_t stack  = piece / column_pieces_ / row_pieces_;
        compute(stack, row, std::min(rows_, row + row_step_), column, (int) std::min(column_step_, columns_ - column));
    }

  private:
    void plan(int threads) {
        const int64_t wanted = (int64_t) PIECES_PER_THREAD * threads;
        const bool    blocks = ggml_blck_size(b_->type) > 1;
        column_step_         = COLUMNS;
        if (!blocks && stacks_ * ((columns_ + COLUMNS - 1) / COLUMNS) < wanted) {
            column_step_ = FEW_COLUMNS;
        }
        column_pieces_ = (columns_ + column_step_ - 1) / column_step_;
        // Rows in pieces only if columns are not enough: each piece of rows packs the columns again.
        const int64_t split = threads == 1 ? 1 : (wanted + stacks_ * column_pieces_ - 1) / (stacks_ * column_pieces_);
        row_step_ = std::max<int64_t>((rows_ + split - 1) / split, std::min<int64_t>(rows_, FEWEST_ROWS));
        row_step_ = (row_step_ + kernel_.rows - 1) / kernel_.rows * kernel_.rows;
        row_pieces_ = (rows_ + row_step_ - 1) / row_step_;
    }

    void compute(int64_t stack, int64_t first_row, int64_t end_row, int64_t column, int count) const {
        const int64_t i2 = stack % out_->ne[2];
        const int64_t i3 = stack / out_->ne[2];
        const char *  a  = stacked(a_, i2, i3);
        const char *  b  = stacked(b_, i2, i3);
        float *       to = (float *) ((char *) out_->data + i2 * out_->nb[2] + i3 * out_->nb[3]);
        float * panels = panels_memory.floats((size_t) (count + kernel_.columns) * TERMS);
        const ptrdiff_t a_row = a_->nb[1] / sizeof(float);
        const ptrdiff_t a_k   = a_->nb[0] / sizeof(float);
        for (int64_t term = 0; term < terms_; term += TERMS) {
            const int terms = (int) std::min<int64_t>(TERMS, terms_ - term);
            matrix_.pack(kernel_, b, column, count, term, terms, panels);
            for (int64_t begin = first_row; begin < end_row; begin += ROWS_IN_CACHE) {
                const int64_t end = std::min(end_row, begin + ROWS_IN_CACHE);
                for (int done = 0; done < count; done += kernel_.columns) {
                    for (int64_t row = begin; row < end; row += kernel_.rows) {
                        const lem::product_operand operand = {
                            (const float *) a + row * a_row + term * a_k, a_row, a_k };
                        kernel_.tile((int) std::min<int64_t>(kernel_.rows, end - row),
                                     std::min(kernel_.columns, count - done), terms, operand,
                                     panels + (size_t) done * terms, to + row * columns_ + column + done, columns_,
                                     term == 0);
                    }
                }
            }
        }
    }

    // The matrix of a stack; an operand with fewer matrices is repeated, each for as many that follow each other.
    const char * stacked(const ggml_tensor * tensor, int64_t i2, int64_t i3) const {
        return (const char *) tensor->data + i2 / (out_->ne[2] / tensor->ne[2]) * tensor->nb[2] +
               i3 / (out_->ne[3] / tensor->ne[3]) * tensor->nb[3];
    }

    ggml_tensor *               out_;
    const ggml_tensor *         a_;
    const ggml_tensor *         b_;
    const lem::product_kernel & kernel_;
    matrix                      matrix_;
    int64_t                     rows_;
    int64_t                     columns_;
    int64_t                     terms_;
    int64_t                     stacks_;
    int64_t                     column_step_;
    int64_t                     column_pieces_;
    int64_t                     row_step_;
    int64_t                     row_pieces_;
};

void run(ggml_tensor * out, int threads, void * work, bool terms_first) {
    auto *  state = static_cast<lem_product_work *>(work);
    auto *  next  = reinterpret_cast<std::atomic<int64_t> *>(&state->next);
    auto *  done  = reinterpret_cast<std::atomic<int64_t> *>(&state->done);
    product task(out, terms_first, threads);
    for (int64_t piece; (piece = next->fetch_add(1)) < task.pieces();) {
        task.compute(piece);
    }
    // The last thread to leave makes everything ready for the next computation of the graph.
    if (done->fetch_add(1) == threads - 1) {
        next->store(0);
        done->store(0);
    }
}

}  // namespace

void lem_product_rows(struct ggml_tensor * out, int thread, int threads, void * work) {
    (void) thread;
    run(out, threads, work, true);
}

void lem_product_columns(struct ggml_tensor * out, int thread, int threads, void * work) {
    (void) thread;
    run(out, threads, work, false);
}
