namespace Microtome.Torch.Tests;

/// <summary>The count of live tensors once everything forgotten has been finalised.</summary>
internal static class LiveTensors
{
    public static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.live_tensors;
    }
}
