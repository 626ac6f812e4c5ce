using Microtome.Torch.Modules;
using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

/// <summary>Every optimiser against its recurrence in plain doubles, on both paths of the native code (fused float, operators for the rest).</summary>
public class OptimizerTests
{
    private static readonly double[] start = [1, -2, 0.5, 3];

    // loss = sum c w^2 / 2, so that the gradient is c w
    private static readonly double[] curvature = [1, 0.3, 2, 0.1];

    public static TheoryData<string, bool> Kinds
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var kind in (string[])["sgd", "momentum", "nesterov", "dampening", "adam", "adamw", "amsgrad", "rmsprop", "rmsprop-centred"])
            {
                data.Add(kind, true);
                data.Add(kind, false);
            }
            return data;
        }
    }

    private static Optimizer Make(string kind, Parameter w) => kind switch
    {
        "sgd" => optim.SGD([w], 0.1, weight_decay: 0.05),
        "momentum" => optim.SGD([w], 0.1, momentum: 0.9, weight_decay: 0.05),
        "nesterov" => optim.SGD([w], 0.1, momentum: 0.9, nesterov: true),
        "dampening" => optim.SGD([w], 0.1, momentum: 0.8, dampening: 0.3),
        "adam" => optim.Adam([w], 0.05, weight_decay: 0.1),
        "adamw" => optim.AdamW([w], 0.05, weight_decay: 0.1),
        "amsgrad" => optim.Adam([w], 0.05, amsgrad: true),
        "rmsprop" => optim.RMSProp([w], 0.02, weight_decay: 0.1),
        _ => optim.RMSProp([w], 0.02, momentum: 0.7, centered: true),
    };

    private static double[] Expected(string kind, int steps)
    {
        var result = new double[start.Length];
        for (var k = 0; k < start.Length; k++)
        {
            double w = start[k], m = 0, v = 0, top = 0, mean = 0;
            for (var t = 1; t <= steps; t++)
            {
                var g = curvature[k] * w;
                switch (kind)
                {
                    case "sgd":
                        w -= 0.1 * (g + (0.05 * w));
                        break;
                    case "momentum":
                        m = (0.9 * m) + g + (0.05 * w);
                        w -= 0.1 * m;
                        break;
                    case "nesterov":
                        m = (0.9 * m) + g;
                        w -= 0.1 * (g + (0.9 * m));
                        break;
                    case "dampening":
                        m = t == 1 ? g : (0.8 * m) + (0.7 * g);
                        w -= 0.1 * m;
                        break;
                    case "adam" or "adamw" or "amsgrad":
                        if (kind == "adam")
                            g += 0.1 * w;
                        if (kind == "adamw")
                            w *= 1 - (0.05 * 0.1);
                        m = (0.9 * m) + (0.1 * g);
                        v = (0.999 * v) + (0.001 * g * g);
                        top = kind == "amsgrad" ? Math.Max(top, v) : v;
                        w -= 0.05 * (m / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(top / (1 - Math.Pow(0.999, t))) + 1e-8);
                        break;
                    case "rmsprop":
                        g += 0.1 * w;
                        v = (0.99 * v) + (0.01 * g * g);
                        w -= 0.02 * g / (Math.Sqrt(v) + 1e-8);
                        break;
                    default:
                        v = (0.99 * v) + (0.01 * g * g);
                        mean = (0.99 * mean) + (0.01 * g);
                        m = (0.7 * m) + (g / (Math.Sqrt(v - (mean * mean)) + 1e-8));
                        w -= 0.02 * m;
                        break;
                }
            }
            result[k] = w;
        }
        return result;
    }

    private static void Step(Optimizer optimizer, Parameter w)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        ((w * w * tensor(curvature, dtype: w.dtype)).sum() / 2).backward();
        optimizer.step();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TwentySteps_OnAQuadratic_FollowTheRecurrence(string kind, bool single)
    {
        using var w = new Parameter(tensor(start, dtype: single ? float32 : float64));
        using var optimizer = Make(kind, w);
        for (var i = 0; i < 20; i++)
            Step(optimizer, w);
        var expected = Expected(kind, 20);
        using var found = w.detach().to(float64);
        foreach (var (e, f) in expected.Zip(found.data<double>()))
            Assert.Equal(e, f, single ? 2e-5 : 1e-12);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Stopped_AndResumedThroughAFile_TakesTheSameStepsToTheBit(string kind, bool single)
    {
        var path = Path.Combine(Path.GetTempPath(), $"microtome-{Guid.NewGuid():N}.safetensors");
        try
        {
            using var straight = new Parameter(tensor(start, dtype: single ? float32 : float64));
            using var first = Make(kind, straight);
            for (var i = 0; i < 5; i++)
                Step(first, straight);
            Safetensors.Save(path, first.state_dict());
            using var resumed = new Parameter(straight.detach().clone());
            for (var i = 0; i < 5; i++)
                Step(first, straight);

            using var second = Make(kind, resumed);
            using (var file = Safetensors.Load(path))
                second.load_state_dict(file.Tensors);
            Assert.Equal(5, second.StepCount);
            for (var i = 0; i < 5; i++)
                Step(second, resumed);
            Assert.Equal(straight.ToBytes(), resumed.ToBytes());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Step_OnChannelsLastWeights_EqualsTheOrdinaryOrder()
    {
        manual_seed(3);
        using var scope = NewDisposeScope();
        var value = randn(4, 3, 3, 3);
        var gradient = randn(4, 3, 3, 3);
        var results = new List<float[]>();
        foreach (var (format, gradFormat) in new[] { (contiguous_format, contiguous_format), (channels_last, channels_last), (channels_last, contiguous_format) })
        {
            using var w = new Parameter(value.clone().contiguous(format));
            w.grad = gradient.contiguous(gradFormat);
            using var optimizer = optim.AdamW([w]);
            optimizer.step();
            results.Add(w.data<float>().ToArray());
        }
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Fact]
    public void Step_WithoutAGradient_LeavesTheParameterAlone()
    {
        using var w = new Parameter(tensor(start));
        using var idle = new Parameter(tensor(start));
        using var optimizer = optim.AdamW([w, idle], lr: 0.1);
        using (NewDisposeScope())
            w.sum().backward();
        optimizer.step();
        Assert.Equal(start, idle.data<double>().ToArray());
        Assert.NotEqual(start, w.data<double>().ToArray());
    }

    [Fact]
    public void Adam_ParameterThatJoinsLate_BeginsItsOwnCount()
    {
        using var early = new Parameter(tensor([1.0]));
        using var late = new Parameter(tensor([1.0]));
        using var optimizer = optim.Adam([early, late], lr: 0.1);
        for (var i = 0; i < 5; i++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            early.sum().backward();
            optimizer.step();
        }
        using (NewDisposeScope())
            late.sum().backward();
        optimizer.step();
        // the first step of Adam is the learning rate itself
        Assert.Equal(0.9, late.item<double>(), 1e-7);
    }

    [Theory]
    [InlineData(2.0)]
    [InlineData(1.0)]
    [InlineData(double.PositiveInfinity)]
    public void ClipGradNorm_AboveTheLimit_ScalesToIt(double order)
    {
        using var scope = NewDisposeScope();
        using var a = new Parameter(zeros(2));
        using var b = new Parameter(zeros(1));
        a.grad = tensor([3f, 0f]);
        b.grad = tensor([-4f]);
        var expected = order == 2 ? 5 : order == 1 ? 7 : 4;
        Assert.Equal(expected, nn.utils.clip_grad_norm_([a, b], 1, order), 6);
        Assert.Equal(3.0 / expected, a.grad[0].item<double>(), 5);
        Assert.Equal(-4.0 / expected, b.grad[0].item<double>(), 5);
        nn.utils.clip_grad_norm_([a, b], 100, order);
        Assert.Equal(3.0 / expected, a.grad[0].item<double>(), 5);
        nn.utils.clip_grad_value_([a, b], 0.01);
        Assert.Equal(0.01f, a.grad[0].item<float>());
    }

    [Fact]
    public void ParamGroups_WithTheirOwnRates_MoveApart()
    {
        using var a = new Parameter(ones(1));
        using var b = new Parameter(ones(1));
        using var optimizer = optim.SGD([new ParamGroup([a], 0.1), new ParamGroup([b], 0.01)]);
        using (NewDisposeScope())
            (a + b).sum().backward();
        optimizer.step();
        Assert.Equal(0.9f, a.item<float>(), 6);
        Assert.Equal(0.99f, b.item<float>(), 6);
    }
}
