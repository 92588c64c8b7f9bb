/* The files of the functions, in an order in which each finds what it uses. */
/* clang-format off */
#include "sigmoid.h"
#include "sigmoid_grad_from_output.h"
#include "silu.h"
#include "tanh.h"
#include "softplus.h"
#include "logit.h"
#include "loss.h"
#include "backward.h"
#include "gates.h"
#include "cells.h"
#include "complex.h"
