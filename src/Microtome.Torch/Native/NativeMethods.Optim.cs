using System.Runtime.InteropServices;

namespace Microtome.Torch;

// Optimiser steps over parameter lists: optim.cpp.
internal static unsafe partial class NativeMethods
{
    [LibraryImport(Library)] internal static partial int mt_zero_grad(nint* parameters, int count, int setToNone);
    [LibraryImport(Library)] internal static partial int mt_clip_grad_norm(nint* parameters, int count, double maxNorm, double normType, out double totalNorm);
    [LibraryImport(Library)] internal static partial int mt_clip_grad_value(nint* parameters, int count, double clipValue);
    [LibraryImport(Library)]
    internal static partial int mt_sgd_step(nint* parameters, nint* momentumBuffers, int count, int firstStep, double lr, double momentum,
        double dampening, double weightDecay, int nesterov);
    [LibraryImport(Library)]
    internal static partial int mt_adam_step(nint* parameters, nint* expAvg, nint* expAvgSq, nint* maxExpAvgSq, long* steps, int count,
        double lr, double beta1, double beta2, double eps, double weightDecay, int decoupled);
    [LibraryImport(Library)]
    internal static partial int mt_rmsprop_step(nint* parameters, nint* squareAvg, nint* momentumBuffers, nint* gradAvg, int count,
        double lr, double alpha, double eps, double weightDecay, double momentum);
}
