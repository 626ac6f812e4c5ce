// Tests count the live tensors of the whole process, so one runs at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
