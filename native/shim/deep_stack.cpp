#include "deep_stack.h"

#include <exception>
#include <stdexcept>

#if defined(_WIN32)
#    include <process.h>
#    include <windows.h>
#else
#    include <pthread.h>
#endif

namespace lem {

static const size_t STACK_BYTES = (size_t) 256 * 1024 * 1024;

struct job {
    const std::function<void()> & work;
    std::exception_ptr            thrown;

    void run() noexcept {
        try {
            work();
        } catch (...) {
            thrown = std::current_exception();
        }
    }
};

#if defined(_WIN32)

static unsigned __stdcall start(void * argument) {
    static_cast<job *>(argument)->run();
    return 0;
}

static bool run_on_thread(job & job) {
    auto thread = (HANDLE) _beginthreadex(
            nullptr, (unsigned) STACK_BYTES, start, &job, STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr);
    if (thread == nullptr) {
        return false;
    }
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    return true;
}

#else

static void * start(void * argument) {
    static_cast<job *>(argument)->run();
    return nullptr;
}

static bool run_on_thread(job & job) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) {
        return false;
    }
    pthread_t  thread;
    const bool started = pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0 &&
                         pthread_create(&thread, &attributes, start, &job) == 0;
    pthread_attr_destroy(&attributes);
    return started && pthread_join(thread, nullptr) == 0;
}

#endif

void on_deep_stack(const std::function<void()> & work) {
    job job { work, nullptr };
    if (!run_on_thread(job)) {
        throw std::runtime_error("no thread with a large stack could be started");
    }
    if (job.thrown) {
        std::rethrow_exception(job.thrown);
    }
}

}  // namespace lem
