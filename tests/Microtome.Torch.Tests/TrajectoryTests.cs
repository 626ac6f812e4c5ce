using System.Text.Json;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;

namespace Microtome.Torch.Tests;

/// <summary>Optimisers, schedules and clipping against what PyTorch did from the same start (generate.py).</summary>
public class TrajectoryTests
{
    private static readonly JsonElement manifest = FixtureFile.Manifest("trajectories.json");
    private static readonly FixtureFile file = new("trajectories.safetensors");

    public static TheoryData<string> Optimizers => [.. manifest.GetProperty("optimizers").EnumerateArray().Select(e => e.GetProperty("key").GetString()!)];
    public static TheoryData<string> Schedules => [.. manifest.GetProperty("schedulers").EnumerateArray().Select(e => e.GetProperty("name").GetString()!)];
    public static TheoryData<string> Clips => [.. manifest.GetProperty("clip").EnumerateArray().Select(e => e.GetProperty("key").GetString()!)];

    private static JsonElement Entry(string list, string by, string value) =>
        manifest.GetProperty(list).EnumerateArray().Single(e => e.GetProperty(by).GetString() == value);

    private static double Number(JsonElement args, string name, double otherwise) => args.TryGetProperty(name, out var value) ? value.GetDouble() : otherwise;
    private static bool Flag(JsonElement args, string name) => args.TryGetProperty(name, out var value) && value.GetBoolean();
    private static double Beta(JsonElement args, int index) => args.TryGetProperty("betas", out var value) ? value[index].GetDouble() : index == 0 ? 0.9 : 0.999;

    private static Optimizer Make(JsonElement entry, Parameter[] parameters)
    {
        var args = entry.GetProperty("args");
        var lr = args.GetProperty("lr").GetDouble();
        return entry.GetProperty("name").GetString() switch
        {
            "sgd" => optim.SGD(parameters, lr, Number(args, "momentum", 0), Number(args, "dampening", 0), Number(args, "weight_decay", 0), Flag(args, "nesterov")),
            "adam" => optim.Adam(parameters, lr, Beta(args, 0), Beta(args, 1), weight_decay: Number(args, "weight_decay", 0), amsgrad: Flag(args, "amsgrad")),
            "adamw" => optim.AdamW(parameters, lr, Beta(args, 0), Beta(args, 1), weight_decay: Number(args, "weight_decay", 0.01), amsgrad: Flag(args, "amsgrad")),
            _ => optim.RMSProp(parameters, lr, Number(args, "alpha", 0.99), weight_decay: Number(args, "weight_decay", 0), momentum: Number(args, "momentum", 0), centered: Flag(args, "centered")),
        };
    }

    private static void Backward(Parameter p, Parameter q, Tensor s) =>
        ((s * p * p).sum() + q.pow(4).sum() + (p.sum() * q.sum())).backward();

    /// <summary>In float32 through the fused pass, in float64 through the operators: both must follow the recorded path.</summary>
    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Step_FiveTimes_FollowsPyTorch(string key)
    {
        foreach (var type in new[] { float32, float64 })
        {
            using var scope = NewDisposeScope();
            using Parameter p = new(file.Read($"{key}/p0").to(type)), q = new(file.Read($"{key}/q0").to(type));
            var s = file.Read($"{key}/s").to(type);
            using var optimizer = Make(Entry("optimizers", "key", key), [p, q]);
            for (var step = 1; step <= 5; step++)
            {
                optimizer.zero_grad();
                Backward(p, q, s);
                optimizer.step();
                Close.Equal(file.Read($"{key}/p{step}").to(type), p, 2e-6, $"{key} {type} p after step {step}");
                Close.Equal(file.Read($"{key}/q{step}").to(type), q, 2e-6, $"{key} {type} q after step {step}");
            }
        }
    }

    /// <summary>Three steps, the state into another optimiser, two more: the same numbers to the last bit.</summary>
    [Theory]
    [MemberData(nameof(Optimizers))]
    public void LoadStateDict_InTheMiddle_GoesOnExactly(string key)
    {
        using var scope = NewDisposeScope();
        var entry = Entry("optimizers", "key", key);
        var s = file.Read($"{key}/s");
        using Parameter p = new(file.Read($"{key}/p0")), q = new(file.Read($"{key}/q0"));
        using var first = Make(entry, [p, q]);
        Run(first, p, q, 3);
        using Parameter p2 = new(p.detach().clone()), q2 = new(q.detach().clone());
        using var second = Make(entry, [p2, q2]);
        second.load_state_dict(first.state_dict());
        Run(first, p, q, 2);
        Run(second, p2, q2, 2);
        Assert.Equal(p.ToBytes(), p2.ToBytes());
        Assert.Equal(q.ToBytes(), q2.ToBytes());

        void Run(Optimizer optimizer, Parameter a, Parameter b, int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                optimizer.zero_grad();
                Backward(a, b, s);
                optimizer.step();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Schedule_TwelveSteps_HasTheRatesOfPyTorch(string name)
    {
        var entry = Entry("schedulers", "name", name);
        var args = entry.GetProperty("args");
        var rates = entry.GetProperty("rates").EnumerateArray().Select(r => r.GetDouble()).ToArray();
        using var scope = NewDisposeScope();
        using var parameter = new Parameter(zeros(1));
        using var optimizer = optim.SGD([parameter], 0.1);
        if (name == "plateau")
        {
            var plateau = optim.lr_scheduler.ReduceLROnPlateau(optimizer, "min", Number(args, "factor", 0), args.GetProperty("patience").GetInt32(), Number(args, "threshold", 0));
            foreach (var (metric, rate) in args.GetProperty("metrics").EnumerateArray().Zip(rates))
            {
                plateau.step(metric.GetDouble());
                Assert.Equal(rate, optimizer.LearningRate, 1e-12);
            }
            return;
        }
        var schedule = Make(name, args, optimizer);
        for (var i = 0; i < rates.Length; i++)
        {
            Assert.True(Math.Abs(rates[i] - optimizer.LearningRate) <= 1e-9, $"{name}: after {i} steps {optimizer.LearningRate:R}, PyTorch has {rates[i]:R}");
            schedule.step();
        }
    }

    private static LRScheduler Make(string name, JsonElement args, Optimizer optimizer)
    {
        int Whole(string key) => args.GetProperty(key).GetInt32();
        double Real(string key) => args.GetProperty(key).GetDouble();
        return name switch
        {
            "step" => optim.lr_scheduler.StepLR(optimizer, Whole("step_size"), Real("gamma")),
            "multistep" => optim.lr_scheduler.MultiStepLR(optimizer, [.. args.GetProperty("milestones").EnumerateArray().Select(e => e.GetInt32())], Real("gamma")),
            "exponential" => optim.lr_scheduler.ExponentialLR(optimizer, Real("gamma")),
            "cosine" => optim.lr_scheduler.CosineAnnealingLR(optimizer, Real("T_max"), Real("eta_min")),
            "cosine_restarts" => optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, Whole("T_0"), Whole("T_mult"), Real("eta_min")),
            "onecycle" => optim.lr_scheduler.OneCycleLR(optimizer, Real("max_lr"), Whole("total_steps")),
            "linear" => optim.lr_scheduler.LinearLR(optimizer, Real("start_factor"), Real("end_factor"), Whole("total_iters")),
            "constant" => optim.lr_scheduler.ConstantLR(optimizer, Real("factor"), Whole("total_iters")),
            "polynomial" => optim.lr_scheduler.PolynomialLR(optimizer, Whole("total_iters"), Real("power")),
            "lambda" => optim.lr_scheduler.LambdaLR(optimizer, e => Math.Pow(0.95, e) / (1 + e)),
            _ => throw new ArgumentException(name),
        };
    }

    [Theory]
    [MemberData(nameof(Clips))]
    public void ClipGrad_RecordedGradients_AreScaledAsByPyTorch(string key)
    {
        using var scope = NewDisposeScope();
        var entry = Entry("clip", "key", key);
        var limit = entry.GetProperty("limit").GetDouble();
        var parameters = new List<Parameter>();
        for (var i = 0; i < 2; i++)
        {
            var gradient = file.Read($"{key}/g{i}");
            var parameter = new Parameter(zeros_like(gradient)) { grad = gradient };
            parameters.Add(parameter);
        }
        var kind = entry.GetProperty("kind").GetString();
        if (kind == "value")
        {
            nn.utils.clip_grad_value_(parameters, limit);
        }
        else
        {
            var total = nn.utils.clip_grad_norm_(parameters, limit, kind switch { "norm1" => 1, "norm2" => 2, _ => double.PositiveInfinity });
            Assert.Equal(entry.GetProperty("total").GetDouble(), total, 1e-5);
        }
        for (var i = 0; i < 2; i++)
            Close.Equal(file.Read($"{key}/clipped{i}"), parameters[i].grad!, 1e-6, $"{key} gradient {i}");
        parameters.ForEach(p => p.Dispose());
    }
}
