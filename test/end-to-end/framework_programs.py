"""The PyTorch program of every page below examples/ that trains a framework."""

import programs_averages
import programs_balls
import programs_more
import programs_paired
import programs_single
import programs_state
import programs_weights

PROGRAMS = {**programs_paired.PROGRAMS, **programs_single.PROGRAMS,
            **programs_more.PROGRAMS, **programs_weights.PROGRAMS,
             **programs_state.PROGRAMS, **programs_averages.PROGRAMS, **programs_balls.PROGRAMS}
