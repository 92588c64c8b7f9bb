/* -std=c99 hides pthread_sigmask. NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl*) */
#define _POSIX_C_SOURCE 200112L

#include "threads.h"

static void work_forever(void); /* what a thread of the pool does */

enum { STACK = 256 * 1024 }; /* of ogive_with_stack */

typedef struct {
    ogive_part *part;
    void *context;
} whole;

static void run_whole(const whole *all) { all->part(all->context, 0, 1); }

/* What the pool needs of a platform. */
#if defined(_WIN32)

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
/* after it */
#include <process.h>

typedef SRWLOCK mutex;
typedef CONDITION_VARIABLE condition;
#define MUTEX SRWLOCK_INIT
#define CONDITION CONDITION_VARIABLE_INIT

static void lock(mutex *m) { AcquireSRWLockExclusive(m); }
static void unlock(mutex *m) { ReleaseSRWLockExclusive(m); }
static void wait_for(condition *c, mutex *m) { SleepConditionVariableSRW(c, m, INFINITE, 0); }
static void signal_one(condition *c) { WakeConditionVariable(c); }

static unsigned __stdcall start(void *unused)
{
    (void)unused;
    work_forever();
    return 0;
}

static int start_worker(void)
{
    uintptr_t handle = _beginthreadex(NULL, 0, start, NULL, 0, NULL);
    if (handle)
        CloseHandle((HANDLE)handle);
    return handle != 0;
}

static unsigned __stdcall start_whole(void *all)
{
    run_whole(all);
    return 0;
}

static int run_beside(whole *all)
{
    uintptr_t handle =
        _beginthreadex(NULL, STACK, start_whole, all, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    if (!handle)
        return 0;
    WaitForSingleObject((HANDLE)handle, INFINITE);
    CloseHandle((HANDLE)handle);
    return 1;
}

#elif defined(__wasm__) /* none */

typedef int mutex, condition;
#define MUTEX 0
#define CONDITION 0

static void lock(mutex *m) { (void)m; }
static void unlock(mutex *m) { (void)m; }
static void wait_for(condition *c, mutex *m) { (void)c, (void)m; }
static void signal_one(condition *c) { (void)c; }

static int start_worker(void)
{
    (void)work_forever;
    return 0;
}

static int run_beside(whole *all)
{
    (void)all;
    return 0;
}

#else

#include <pthread.h>
#include <signal.h>

typedef pthread_mutex_t mutex;
typedef pthread_cond_t condition;
#define MUTEX PTHREAD_MUTEX_INITIALIZER
#define CONDITION PTHREAD_COND_INITIALIZER

static void lock(mutex *m) { pthread_mutex_lock(m); }
static void unlock(mutex *m) { pthread_mutex_unlock(m); }
static void wait_for(condition *c, mutex *m) { pthread_cond_wait(c, m); }
static void signal_one(condition *c) { pthread_cond_signal(c); }

static void *start(void *unused)
{
    (void)unused;
    work_forever();
    return NULL;
}

static void before_fork(void);
static void after_fork_in_parent(void);
static void after_fork_in_child(void);

/* From the start: a process may fork while a thread asks for the number of threads. */
static int forks_are_handled;

__attribute__((constructor)) static void handle_forks(void)
{
    forks_are_handled = !pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

/* With all signals blocked: handlers belong to the threads of the program. */
static int start_thread(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                        void *context)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(thread, attributes, run, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return !failed;
}

static int start_worker(void)
{
    pthread_t thread;
    return forks_are_handled && start_thread(&thread, NULL, start, NULL) && !pthread_detach(thread);
}

static void *start_whole(void *all)
{
    run_whole(all);
    return NULL;
}

static int run_beside(whole *all)
{
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init(&attributes))
        return 0;
    int started = !pthread_attr_setstacksize(&attributes, STACK) &&
                  start_thread(&thread, &attributes, start_whole, all);
    pthread_attr_destroy(&attributes);
    return started && !pthread_join(thread, NULL);
}

#endif

typedef struct {
    ogive_part *part;
    void *context;
    ptrdiff_t next, n, step;
} job;

/* All of it belongs to whoever holds `mutex`. */
static struct {
    mutex mutex;
    condition wanted_changed, all_done;
    int process_threads;
    ogive_own_threads *own_threads;
    int blocks;  /* in which it is asked */
    int workers; /* threads that exist */
    int wanted;  /* of them, that are still to begin the job */
    int working; /* that have begun it and not ended */
    int busy;    /* a caller waits for the job */
    job job;
} pool = {.mutex = MUTEX, .wanted_changed = CONDITION, .all_done = CONDITION, .process_threads = 1};

/* Does parts of the job until none is left; called and left with the mutex held. */
static void work(void)
{
    while (pool.job.next < pool.job.n) {
        job now = pool.job;
        ptrdiff_t stop = now.n - now.next > now.step ? now.next + now.step : now.n;
        pool.job.next = stop;
        unlock(&pool.mutex);
        now.part(now.context, now.next, stop);
        lock(&pool.mutex);
    }
}

static void work_forever(void)
{
    lock(&pool.mutex);
    for (;;) {
        while (!pool.wanted)
            wait_for(&pool.wanted_changed, &pool.mutex);
        pool.wanted--;
        pool.working++;
        work();
        if (!--pool.working)
            signal_one(&pool.all_done);
    }
}

void ogive_share(ogive_part *part, void *context, ptrdiff_t n, ptrdiff_t step, int threads)
{
    int others = threads - 1;
    lock(&pool.mutex);
    if (pool.busy || others < 1) {
        unlock(&pool.mutex);
        part(context, 0, n);
        return;
    }
    pool.busy = 1;
    while (pool.workers < others && start_worker())
        pool.workers++;
    if (others > pool.workers)
        others = pool.workers;
    pool.job = (job){part, context, 0, n, step};
    pool.wanted = others;
    for (int i = 0; i < others; i++)
        signal_one(&pool.wanted_changed);
    work();
    pool.wanted = 0; /* who has not begun by now need not */
    while (pool.working)
        wait_for(&pool.all_done, &pool.mutex);
    pool.busy = 0;
    unlock(&pool.mutex);
}

void ogive_with_stack(ogive_part *part, void *context)
{
    whole all = {part, context};
    if (!run_beside(&all))
        run_whole(&all);
}

#if !defined(_WIN32) && !defined(__wasm__)
static void before_fork(void) { lock(&pool.mutex); }

static void after_fork_in_parent(void) { unlock(&pool.mutex); }

/* Only the thread that forked is there, and it is in no call. */
static void after_fork_in_child(void)
{
    pool.workers = pool.wanted = pool.working = pool.busy = 0;
    pool.job = (job){0};
    pthread_cond_init(&pool.wanted_changed, NULL);
    pthread_cond_init(&pool.all_done, NULL);
    unlock(&pool.mutex);
}
#endif

void ogive_set_threads(int n)
{
    lock(&pool.mutex);
    pool.process_threads = n;
    unlock(&pool.mutex);
}

void ogive_ask_threads(ogive_own_threads *own, int more)
{
    lock(&pool.mutex);
    pool.own_threads = own;
    pool.blocks += more;
    unlock(&pool.mutex);
}

int ogive_threads(void)
{
    lock(&pool.mutex);
    int n = pool.process_threads;
    ogive_own_threads *own = pool.blocks > 0 ? pool.own_threads : NULL;
    unlock(&pool.mutex);
    const int owned = own ? own() : 0;
    return owned ? owned : n;
}
