"""Programs that measure: a load of our own against skranke and against what it is compared with, in one run."""
