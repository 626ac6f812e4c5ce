// libtorch's random generator, thread counts and the count of live tensors belong to the process: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
