using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

public class TensorTests
{
    private static readonly float[,] matrix = { { 1, 2, 3 }, { 4, 5, 6 } };

    [Fact]
    public void Tensor_FromArrays_KeepsTypeShapeAndElements()
    {
        using var scope = NewDisposeScope();
        Same<byte>([1, 255], uint8);
        Same<int>([1, int.MinValue], int32);
        Same<long>([1, long.MaxValue], int64);
        Same<float>([1.5f, -0f], float32);
        Same<double>([1e-300, 2], float64);
        Same<bool>([true, false], @bool);
        Same<Half>([(Half)1.5f, (Half)2], float16);
        Assert.Equal([2, 3], tensor(matrix).shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], tensor(matrix).data<float>().ToArray());
        Assert.Empty(tensor(3f).shape);
        Assert.Equal(float64, tensor([1, 2], dtype: float64).dtype);

        static void Same<T>(T[] values, ScalarType type)
            where T : unmanaged
        {
            var t = tensor(values, [2]);
            Assert.Equal(type, t.dtype);
            Assert.Equal(values, t.data<T>().ToArray());
        }
    }

    [Fact]
    public void CopyTo_FromChannelsLast_GivesTheOrderOfTheShape()
    {
        using var scope = NewDisposeScope();
        var t = arange(2 * 3 * 4 * 5, dtype: float32).reshape(2, 3, 4, 5);
        var expected = t.data<float>().ToArray();
        var last = t.contiguous(channels_last);
        Assert.True(last.is_contiguous(channels_last));
        Assert.False(last.is_contiguous());
        Assert.Equal(expected, last.data<float>().ToArray());
        Assert.Equal(t[0, 1, 0, 0].item<float>(), last.AsMemorySpan<float>()[1]);
        Assert.Throws<InvalidOperationException>(() => { last.AsSpan<float>(); });
        expected.AsSpan().Reverse();
        last.CopyFrom<float>(expected);
        Assert.Equal(expected, last.data<float>().ToArray());
    }

    [Fact]
    public void AsSpan_Written_ChangesTheTensor()
    {
        using var t = zeros(4);
        t.AsSpan<float>()[2] = 7;
        Assert.Equal([0, 0, 7, 0], t.data<float>().ToArray());
    }

    [Fact]
    public void Index_NumbersRangesStepsAndTensors_EqualsPlainLoops()
    {
        using var scope = NewDisposeScope();
        var t = arange(60, dtype: int64).reshape(3, 4, 5);
        Assert.Equal(27, t[1, 1, 2].item<long>());
        Assert.Equal(59, t[^1, ^1, ^1].item<long>());
        Assert.Equal([5, 6, 7, 8, 9], t[0, 1].data<long>().ToArray());
        Assert.Equal([2, 7, 12, 17], t[0, .., 2].data<long>().ToArray());
        Assert.Equal([23, 28], t[1, ..2, 3].data<long>().ToArray());
        Assert.Equal([0, 2, 4], t[0, 0, TensorIndex.Slice(step: 2)].data<long>().ToArray());
        Assert.Equal([4, 9, 14, 19, 24, 29, 34, 39, 44, 49, 54, 59], t[TensorIndex.Ellipsis, 4].data<long>().ToArray());
        Assert.Equal([3, 1, 4, 5], t[.., TensorIndex.Null].shape);
        Assert.Equal([40, 41, 42, 43, 44, 0, 1, 2, 3, 4], t[tensor([2L, 0L]), 0].data<long>().ToArray());
        Assert.Equal([3, 33], t[tensor([0L, 1L]), tensor([0L, 2L]), 3].data<long>().ToArray());
        Assert.Equal([57, 58, 59], t[t > 56].data<long>().ToArray());
    }

    [Fact]
    public void Index_Assigned_WritesThere()
    {
        using var scope = NewDisposeScope();
        var t = zeros(3, 3);
        t[1, ..] = ones(3);
        t[.., 0] = full([], 5);
        t[t.eq(5)] = tensor(2f);
        Assert.Equal([2, 0, 0, 2, 1, 1, 2, 0, 0], t.data<float>().ToArray());
    }

    [Fact]
    public void Operators_WithScalarsOnBothSides_EqualArithmetic()
    {
        using var scope = NewDisposeScope();
        var t = tensor([1.0, 2.0, 4.0]);
        Assert.Equal([3.0, 4, 6], (t + 2).data<double>().ToArray());
        Assert.Equal([1.0, 0, -2], (2 - t).data<double>().ToArray());
        Assert.Equal([8.0, 4, 2], (8 / t).data<double>().ToArray());
        Assert.Equal([-0.5, -1, -2], (-t * 0.5).data<double>().ToArray());
        Assert.Equal([false, true, true], (t >= 2).data<bool>().ToArray());
        Assert.Equal(float32, (ones(1) * 0.1).dtype);
        Assert.Equal(int64, (ones([1], int64) + 1).dtype);
    }

    [Fact]
    public void InPlace_ReturnsTheSameObjectAndLeavesNoOther()
    {
        using var t = zeros(3);
        var before = LiveTensors.Settled();
        Assert.Same(t, t.add_(1).mul_(4).clamp_(0, 3));
        Assert.Equal(before, LiveTensors.Settled());
        Assert.Equal([3, 3, 3], t.data<float>().ToArray());
    }

    [Fact]
    public void Reductions_OverDimensions_EqualPlainLoops()
    {
        using var scope = NewDisposeScope();
        var t = tensor(matrix);
        Assert.Equal(21, t.sum().item<float>());
        Assert.Equal([5, 7, 9], t.sum(0).data<float>().ToArray());
        Assert.Equal([2, 1], t.mean(1, keepdim: true).shape);
        var (values, indices) = t.max(1);
        Assert.Equal([3, 6], values.data<float>().ToArray());
        Assert.Equal([2, 2], indices.data<long>().ToArray());
        Assert.Equal([1, 1], t.std(1).data<float>().ToArray());
        Assert.Equal(Math.Sqrt(91), t.norm().item<double>(), 5);
        Assert.Equal([0, 0, 0], t.argmin(0).data<long>().ToArray());
    }

    [Fact]
    public void Shape_CannotHoldTheData_SaysBothSizes()
    {
        var error = Assert.Throws<TorchException>(() => tensor([1f, 2f, 3f], [2, 2]));
        Assert.Contains("12 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("[2, 2]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_OfAnotherType_SaysWhatTheTensorHolds()
    {
        using var t = ones(2);
        Assert.Contains("Float32", Assert.Throws<ArgumentException>(() => t.data<long>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cuda_WhereThereIsNone_ThrowsInsteadOfCrashing()
    {
        Assert.SkipWhen(cuda.is_available(), "this machine has a CUDA device");
        using var t = ones(2);
        Assert.Throws<TorchException>(() => t.cuda());
    }

    [Theory]
    [InlineData("cpu", DeviceType.CPU, -1)]
    [InlineData("cuda:3", DeviceType.CUDA, 3)]
    public void Device_Written_IsRead(string text, DeviceType type, int index)
    {
        Assert.Equal(device(type, index), device(text));
        Assert.Equal(text, device(text).ToString());
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:x")]
    [InlineData("cuda:1:2")]
    public void Device_Unknown_IsRefused(string text) => Assert.Throws<ArgumentException>(() => device(text));

    [Fact]
    public void Seed_SetAgain_GivesTheSameNumbers()
    {
        using var scope = NewDisposeScope();
        manual_seed(42);
        var first = randn(100).data<float>().ToArray();
        var state = get_rng_state();
        var next = rand(10).data<float>().ToArray();
        manual_seed(42);
        Assert.Equal(first, randn(100).data<float>().ToArray());
        Assert.NotEqual(first, randn(100).data<float>().ToArray());
        set_rng_state(state);
        Assert.Equal(next, rand(10).data<float>().ToArray());
    }

    [Fact]
    public void Finalizer_OfForgottenTensors_FreesThem()
    {
        var before = LiveTensors.Settled();
        Forget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(before, LiveTensors.Settled());

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget()
        {
            for (var i = 0; i < 10; i++)
                _ = ones(10);
        }
    }
}
