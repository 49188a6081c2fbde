#include "product.h"

#include "ggml.h"
#include "lem_shim.h"
#include "product_tasks.h"
#include "x86.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <iterator>
#include <vector>

namespace {

bool can_run(const lem::product_kernel & kernel) {
#ifdef LEM_PRODUCT_X86
    if (&kernel == &lem::product_avx512) {
        return lem::x86_has_avx512();
    }
    if (&kernel == &lem::product_avx2) {
        return lem::x86_has_avx2();
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
constexpr int TERMS = 320;
// A product with few terms, such as of a low rank, is summed together with the last terms of the one before it.
constexpr int FEW_TERMS = 32;
// Ranges of terms begin at a multiple of this, or of the size of the type's blocks.
constexpr int TERM_MULTIPLE = 32;
// Rows that go through all panels of a block: about this many, with TERMS numbers each, stay in the second cache.
constexpr int ROWS_IN_CACHE = 144;
// Floats of a cache line.
constexpr int FLOATS_PER_LINE = 16;
// Columns of one piece of work. A multiple of every block size of ggml's types, so that rows are expanded in whole blocks.
constexpr int COLUMNS = 256;
// Pieces are rounded to this, or to the size of the type's blocks.
constexpr int COLUMN_MULTIPLE = 32;
// Fewer columns where these are many threads; a multiple of what types without blocks need.
constexpr int FEW_COLUMNS = 96;
// Pieces of work per thread that are aimed at, so that one slow thread does not keep the others waiting.
constexpr int PIECES_PER_THREAD = 4;
constexpr int FEWEST_ROWS       = 48;

thread_local lem::scratch panels_memory;
thread_local lem::scratch rows_memory;
thread_local lem::scratch expanded_memory;

// The second operand: f32 with any strides, or a type of ggml with its numbers in order along the first axis.
class matrix {
  public:
    matrix(const ggml_tensor * tensor, bool terms_first) : tensor_(tensor), terms_first_(terms_first) {
        traits_ = ggml_get_type_traits(tensor->type);
    }

    // Packs `count` columns from `column` on and `terms` terms from `term` on, panel after panel, each with room for `room`
    // terms.
    void pack(const lem::product_kernel & kernel, const char * base, int64_t column, int count, int64_t term, int terms,
              int room, float * panels) const {
        if (tensor_->type == GGML_TYPE_F32) {
            pack_floats(kernel, base, column, count, term, terms, room, panels);
        } else if (terms_first_) {
            pack_expanded_columns(kernel, base, column, count, term, terms, room, panels);
        } else {
            pack_expanded_terms(kernel, base, column, count, term, terms, room, panels);
        }
    }

  private:
    void pack_floats(const lem::product_kernel & kernel, const char * base, int64_t column, int count, int64_t term,
                     int terms, int room, float * panels) const {
        const size_t per_column = tensor_->nb[terms_first_ ? 1 : 0];
        const size_t per_term   = tensor_->nb[terms_first_ ? 0 : 1];
        for (int done = 0; done < count; done += kernel.columns) {
            const int     columns = std::min(kernel.columns, count - done);
            const float * from    = (const float *) (base + (column + done) * per_column + term * per_term);
            float *       panel   = panels + (size_t) done * room;
            if (per_column == sizeof(float)) {
                kernel.pack_terms(from, per_term / sizeof(float), columns, terms, panel);
            } else {
                kernel.pack_rows(from, per_column / sizeof(float), per_term / sizeof(float), columns, terms, panel);
            }
        }
    }

    // Columns are rows in memory.
    void pack_expanded_columns(const lem::product_kernel & kernel, const char * base, int64_t column, int count,
                               int64_t term, int terms, int room, float * panels) const {
        float * rows = expanded_memory.floats((size_t) kernel.columns * TERMS);
        for (int done = 0; done < count; done += kernel.columns) {
            const int columns = std::min(kernel.columns, count - done);
            for (int i = 0; i < columns; i++) {
                expand(kernel, base + (column + done + i) * tensor_->nb[1], term, terms, rows + i * TERMS);
            }
            kernel.pack_rows(rows, TERMS, 1, columns, terms, panels + (size_t) done * room);
        }
    }

    // Terms are rows in memory.
    void pack_expanded_terms(const lem::product_kernel & kernel, const char * base, int64_t column, int count,
                             int64_t term, int terms, int room, float * panels) const {
        float * row = expanded_memory.floats((size_t) COLUMNS);
        for (int i = 0; i < terms; i++) {
            expand(kernel, base + (term + i) * tensor_->nb[1], column, count, row);
            for (int done = 0; done < count; done += kernel.columns) {
                const int columns = std::min(kernel.columns, count - done);
                kernel.pack_terms(row + done, 0, columns, 1, panels + (size_t) done * room + i * kernel.columns);
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

// Some terms of one of the products.
struct term_range {
    int     product;
    int64_t from;
    int     count;
};

// Term ranges that are summed before the results are written.
struct term_group {
    std::vector<term_range> ranges;
    int                     count = 0;
};

class product_sum {
  public:
    product_sum(ggml_tensor * out, int64_t by_columns, int threads) : out_(out), kernel_(lem::product_current()) {
        rows_    = out->ne[1];
        columns_ = out->ne[0];
        stacks_  = out->ne[2] * out->ne[3];
        int sources = 0;
        while (sources < GGML_MAX_SRC && out->src[sources] != nullptr) {
            sources++;
        }
        for (int i = 0; i + 1 < sources; i += 2) {
            const bool terms_first = (by_columns >> i / 2 & 1) == 0;
            products_.push_back({ matrix(out->src[i], terms_first), out->src[i], out->src[i + 1] });
            block_ = std::max<int64_t>(block_, ggml_blck_size(out->src[i]->type));
            group(i / 2, out->src[i + 1]->ne[0], ggml_blck_size(out->src[i]->type));
        }
        addend_ = sources % 2 == 1 ? out->src[sources - 1] : nullptr;
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
    struct factors {
        matrix              panels;
        const ggml_tensor * b;
        const ggml_tensor * a;
    };

    // Ranges of about equal size.
    void group(int product, int64_t terms, int64_t block) {
        if (terms <= FEW_TERMS && !groups_.empty() && groups_.back().count + terms <= TERMS + FEW_TERMS) {
            add(product, 0, (int) terms);
            return;
        }
        const int64_t multiple = std::max<int64_t>(TERM_MULTIPLE, block);
        const int64_t parts    = (terms + TERMS - 1) / TERMS;
        const int64_t equal    = ((terms + parts - 1) / parts + multiple - 1) / multiple * multiple;
        // Rounded up, it could be too many for the types with the largest blocks.
        const int64_t step = equal <= TERMS ? equal : TERMS / multiple * multiple;
        for (int64_t from = 0; from < terms; from += step) {
            groups_.emplace_back();
            add(product, from, (int) std::min(step, terms - from));
        }
    }

    void add(int product, int64_t from, int count) {
        groups_.back().ranges.push_back({ product, from, count });
        groups_.back().count += count;
    }

    void plan(int threads) {
        const int64_t wanted = (int64_t) PIECES_PER_THREAD * threads;
        column_step_         = COLUMNS;
        if (block_ == 1 && stacks_ * ((columns_ + COLUMNS - 1) / COLUMNS) < wanted) {
            column_step_ = FEW_COLUMNS;
        }
        column_pieces_ = (columns_ + column_step_ - 1) / column_step_;
        // Of about equal size: a small piece would pack the rows for little.
        const int64_t multiple = std::max<int64_t>(COLUMN_MULTIPLE, block_);
        const int64_t equal    = (columns_ + column_pieces_ - 1) / column_pieces_;
        column_step_           = (equal + multiple - 1) / multiple * multiple;
        column_pieces_         = (columns_ + column_step_ - 1) / column_step_;
        // Rows in pieces only if columns are not enough: each piece of rows packs the columns again.
        const int64_t split = threads == 1 ? 1 : (wanted + stacks_ * column_pieces_ - 1) / (stacks_ * column_pieces_);
        row_step_ = std::max<int64_t>((rows_ + split - 1) / split, std::min<int64_t>(rows_, FEWEST_ROWS));
        row_step_ = (row_step_ + kernel_.rows - 1) / kernel_.rows * kernel_.rows;
        row_pieces_ = (rows_ + row_step_ - 1) / row_step_;
    }

    void compute(int64_t stack, int64_t first_row, int64_t end_row, int64_t column, int count) const {
        const int64_t i2 = stack % out_->ne[2];
        const int64_t i3 = stack / out_->ne[2];
        float * to = (float *) ((char *) out_->data + i2 * out_->nb[2] + i3 * out_->nb[3]);
        float * panels = panels_memory.floats((size_t) (count + kernel_.columns) * (TERMS + FEW_TERMS));
        const int64_t step = std::max(1, ROWS_IN_CACHE / kernel_.rows) * kernel_.rows;
        float *       rows = rows_memory.floats((size_t) step * (TERMS + FEW_TERMS));
        bool          first = addend_ == nullptr;
        if (!first) {
            copy_addend(i2, i3, to, first_row, end_row, column, count);
        }
        for (size_t g = 0; g < groups_.size(); g++) {
            const term_group & group = groups_[g];
            pack(group, i2, i3, column, count, panels);
            for (int64_t begin = first_row; begin < end_row; begin += step) {
                const int64_t end = std::min(end_row, begin + step);
                pack_rows(group, i2, i3, begin, end, rows);
                // While this block is computed, the memory that the next one is packed from is fetched.
                const bool         last = end == end_row;
                const term_group * next = !last ? &group : g + 1 < groups_.size() ? &groups_[g + 1] : nullptr;
                const int64_t      skip = last ? first_row - begin : step;
                for (int done = 0; done < count; done += kernel_.columns) {
                    for (int64_t row = begin; row < end; row += kernel_.rows) {
                        if (next != nullptr) {
                            fetch_rows(*next, i2, i3, row + skip, std::min(end_row, row + skip + kernel_.rows), done, count);
                        }
                        tile(group, (int) std::min<int64_t>(kernel_.rows, end - row), rows + (row - begin) * group.count,
                             panels + (size_t) done * group.count, std::min(kernel_.columns, count - done),
                             to + row * columns_ + column + done, first);
                    }
                }
            }
            first = false;
        }
    }

    // Fetches the part of rows into the cache that belongs to the panel at `done` of `count` columns.
    void fetch_rows(const term_group & group, int64_t i2, int64_t i3, int64_t begin, int64_t end, int done, int count) const {
        const term_range &  range = group.ranges[0];
        const ggml_tensor * a     = products_[range.product].a;
        if (a->nb[0] != sizeof(float)) {
            return;
        }
        const int64_t from = (int64_t) range.count * done / count;
        const int64_t to   = (int64_t) range.count * std::min(done + kernel_.columns, count) / count;
        const char *  data = stacked(a, i2, i3) + range.from * sizeof(float);
        // The processor drops a prefetch if it must look up the address of the page. So each row is read once.
        for (int64_t row = begin; row < end && done == 0; row++) {
            (void) *(volatile const float *) (data + row * a->nb[1]);
            (void) *(volatile const float *) (data + row * a->nb[1] + (range.count - 1) * sizeof(float));
        }
        for (int64_t row = begin; row < end; row++) {
            for (int64_t term = from; term < to; term += FLOATS_PER_LINE) {
                __builtin_prefetch(data + row * a->nb[1] + term * sizeof(float), 0, 2);
            }
        }
    }

    // In each panel, the ranges of a group follow each other.
    void pack(const term_group & group, int64_t i2, int64_t i3, int64_t column, int count, float * panels) const {
        for (const term_range & range : group.ranges) {
            const factors & f = products_[range.product];
            f.panels.pack(kernel_, stacked(f.b, i2, i3), column, count, range.from, range.count, group.count, panels);
            panels += (size_t) range.count * kernel_.columns;
        }
    }

    // In each tile of rows, the ranges of a group follow each other.
    void pack_rows(const term_group & group, int64_t i2, int64_t i3, int64_t begin, int64_t end, float * packed) const {
        for (int64_t row = begin; row < end; row += kernel_.rows) {
            const int rows = (int) std::min<int64_t>(kernel_.rows, end - row);
            for (const term_range & range : group.ranges) {
                const ggml_tensor * a     = products_[range.product].a;
                const ptrdiff_t     a_row = a->nb[1] / sizeof(float);
                const ptrdiff_t     a_k   = a->nb[0] / sizeof(float);
                const float *       from  = (const float *) stacked(a, i2, i3) + row * a_row + range.from * a_k;
                kernel_.pack_left({ from, a_row, a_k }, rows, range.count, packed);
                packed += (size_t) rows * range.count;
            }
        }
    }

    // Sums all ranges of a group at once, in their order.
    void tile(const term_group & group, int rows, const float * packed, const float * panel, int columns, float * to,
              bool first) const {
        kernel_.tile(rows, columns, group.count, { packed, 1, rows }, panel, to, columns_, first);
    }

    void copy_addend(int64_t i2, int64_t i3, float * to, int64_t first_row, int64_t end_row, int64_t column, int count) const {
        const char * from = stacked(addend_, i2, i3);
        for (int64_t row = first_row; row < end_row; row++) {
            std::memcpy(to + row * columns_ + column, (const float *) (from + row * addend_->nb[1]) + column,
                        count * sizeof(float));
        }
    }

    // The matrix of a stack; an operand with fewer matrices is repeated, each for as many that follow each other.
    const char * stacked(const ggml_tensor * tensor, int64_t i2, int64_t i3) const {
        return (const char *) tensor->data + i2 / (out_->ne[2] / tensor->ne[2]) * tensor->nb[2] +
               i3 / (out_->ne[3] / tensor->ne[3]) * tensor->nb[3];
    }

    ggml_tensor *               out_;
    const lem::product_kernel & kernel_;
    std::vector<factors>        products_;
    std::vector<term_group>     groups_;
    const ggml_tensor *         addend_ = nullptr;
    int64_t                     block_ = 1;
    int64_t                     rows_;
    int64_t                     columns_;
    int64_t                     stacks_;
    int64_t                     column_step_;
    int64_t                     column_pieces_;
    int64_t                     row_step_;
    int64_t                     row_pieces_;
};

}  // namespace

void lem_product(struct ggml_tensor * out, int thread, int threads, void * work) {
    (void) thread;
    auto *            state = static_cast<lem_product_work *>(work);
    const product_sum sum(out, state->columns, threads);
    lem::share_out(state->next, state->done, sum.pieces(), threads, [&](int64_t piece) { sum.compute(piece); });
}
