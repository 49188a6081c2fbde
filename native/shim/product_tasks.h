// What the operations of training share: memory of a thread, and pieces of work.
#ifndef LEM_PRODUCT_TASKS_H
#define LEM_PRODUCT_TASKS_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace lem {

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

// Computes pieces that no other thread has taken. The last thread to leave makes everything ready for the next computation of
// the graph.
template <typename Piece> void share_out(int64_t & next_piece, int64_t & done_threads, int64_t pieces, int threads,
                                         Piece compute) {
    auto * next = reinterpret_cast<std::atomic<int64_t> *>(&next_piece);
    auto * done = reinterpret_cast<std::atomic<int64_t> *>(&done_threads);
    for (int64_t piece; (piece = next->fetch_add(1)) < pieces;) {
        compute(piece);
    }
    if (done->fetch_add(1) == threads - 1) {
        next->store(0);
        done->store(0);
    }
}

}  // namespace lem

#endif
