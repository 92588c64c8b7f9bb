/* Phase 3: on which side of a midpoint a function lies, in integer arithmetic. */
#ifndef OGIVE_ACCURATE_MULTIWORD_H
#define OGIVE_ACCURATE_MULTIWORD_H

/* Whether |f(x)|, finite and not 0, lies above the midpoint of the double `below` >= 0 and the
 * next larger one. `below` is a neighbour of |f(x)| or nearly so. */
int ogive_sigmoid_exceeds(double x, double below);
int ogive_sigmoid_grad_exceeds(double x, double below);
int ogive_log_sigmoid_exceeds(double x, double below);
int ogive_softplus_exceeds(double x, double below);
int ogive_logit_exceeds(double x, double below);
int ogive_silu_exceeds(double x, double below);
int ogive_silu_grad_exceeds(double x, double below);
int ogive_tanh_exceeds(double x, double below);

#endif
