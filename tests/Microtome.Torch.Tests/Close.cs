using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

/// <summary>Equality of tensors up to a part of their largest entry.</summary>
internal static class Close
{
    public static void Equal(Tensor expected, Tensor actual, double tolerance, string what)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(expected.dtype, actual.dtype);
        var a = expected.detach().to(float64).data<double>().ToArray();
        var b = actual.detach().to(float64).data<double>().ToArray();
        var scale = Math.Max(1, a.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max());
        for (var i = 0; i < a.Length; i++)
        {
            var same = a[i].Equals(b[i]) || Math.Abs(a[i] - b[i]) <= tolerance * scale;
            Assert.True(same, $"{what}: element {i} of [{string.Join(", ", expected.shape)}] should be {a[i]:G9} but is {b[i]:G9}");
        }
    }
}
