/* Forks while other threads are in the pool's lock: a child that got it locked would never return. */
#include "threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 3, SECONDS = 10 };

static atomic_int ended;

static void *ask(void *unused)
{
    (void)unused;
    while (!atomic_load(&ended))
        ogive_threads();
    return NULL;
}

/* The number of the first child that does not return, from 1; 0 if all do; -1 without threads. */
int first_stuck_child(int forks)
{
    pthread_t threads[THREADS];
    int stuck = 0;
    for (int t = 0; t < THREADS; t++)
        if (pthread_create(&threads[t], NULL, ask, NULL))
            return -1;
    for (int i = 1; i <= forks && !stuck; i++) {
        int status = 1;
        pid_t child = fork();
        if (child == 0) {
            signal(SIGALRM, SIG_DFL);
            alarm(SECONDS);
            ogive_threads();
            _exit(0);
        }
        if (child < 0 || waitpid(child, &status, 0) != child || status)
            stuck = i;
    }
    atomic_store(&ended, 1);
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    return stuck;
}
