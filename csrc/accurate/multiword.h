/* Phase 3: on which side of a midpoint a function lies, in integer arithmetic. */
#ifndef OGIVE_ACCURATE_MULTIWORD_H
#define OGIVE_ACCURATE_MULTIWORD_H

/* Whether s(x), or s'(x), lies above the midpoint of the double `below` >= 0 and the next larger
 * one; |x| <= 746. */
int ogive_sigmoid_exceeds(double x, double below);
int ogive_sigmoid_grad_exceeds(double x, double below);

#endif
