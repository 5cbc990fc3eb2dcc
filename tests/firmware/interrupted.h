/* Shared numbers as the tests' program sees them: before each load and store there is a place for an interrupt. */
#ifndef EMGO1_INTERRUPTED_H
#define EMGO1_INTERRUPTED_H

void host_interrupt(void);

#define EMGO1_LOAD(place) (host_interrupt(), __atomic_load_n(place, __ATOMIC_SEQ_CST))
#define EMGO1_STORE(place, value) (host_interrupt(), __atomic_store_n(place, value, __ATOMIC_SEQ_CST))

#endif
