namespace Microtome.Imaging.Tests;

/// <summary>Tests that count what lives in the whole process run alone.</summary>
[CollectionDefinition(nameof(LiveHandles), DisableParallelization = true)]
public class LiveHandles;
