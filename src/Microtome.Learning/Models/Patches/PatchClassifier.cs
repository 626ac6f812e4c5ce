using System.Globalization;
using System.Runtime.ExceptionServices;
using Microtome.Imaging;
using Microtome.Networks;
using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Learning.Models;

/// <summary>
/// The network of a <see cref="PatchModel"/>, ready to answer. Pictures go through it in batches of one fixed size, filled up where there are fewer, and on the CPU
/// every worker has one thread; so the answer to a picture has the same bits whatever stands beside it and however many threads there are.
/// </summary>
public sealed class PatchClassifier : IPatchNetwork
{
    // Pictures that go through the network at once. With one thread and fewer than 16 pictures libtorch (Convolution.cpp, use_mkldnn) multiplies 1x1 convolutions out by a slow
    // way of its own, which takes half of the time of a network that is full of them. Others gain nothing from more than 8, and less is filled up.
    private const int Few = 8, Many = 16;

    // Answers of one network to one picture, in two runs, that may still be called the same.
    private const double Alike = 1e-4;

    private readonly ThreadLocal<bool> prepared = new();
    private readonly PatchInput input;
    private readonly Device device;
    private readonly ScriptModule? script;
    private readonly nn.Module<Tensor, Tensor>? network;
    private readonly int batch;
    private readonly IReadOnlyList<double> answer;

    private PatchClassifier(PatchModel model, string deviceName, int workers, bool freeze)
    {
        Model = model;
        Workers = workers;
        input = new PatchInput(model.Config);
        device = torch.device(deviceName);
        try
        {
            if (model.IsScript)
                script = PatchNetworkFile.Script(model, device, freeze);
            else
                network = PatchNetworkFile.Ours(model, device);
            (batch, answer) = IsKnown(model, freeze) ? (model.Notes.Batch!.Size, Short(model.Notes.Batch.Size)) : Probe();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Its description.</summary>
    public PatchModel Model { get; }

    /// <inheritdoc/>
    public string Name => Model.Name;

    /// <inheritdoc/>
    public int InputWidth => input.Width;

    /// <inheritdoc/>
    public int InputHeight => input.Height;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => Model.Config.ClassNames;

    /// <inheritdoc/>
    public int Workers { get; }

    /// <summary>What the network answers to <see cref="PatchSelfTest.Pictures"/>.</summary>
    public PatchSelfTest Answer => new([.. answer.Select(static value => Math.Round(value, 6))]);

    /// <summary>The batch that was found, for <see cref="PatchModelNotes.Batch"/>.</summary>
    public NotedBatch Batch => new(batch, Model.WeightsHash, __version__);

    /// <summary>Opens a model and runs pictures of its input size through it.</summary>
    /// <param name="nameOrPath">A name or the path of a folder.</param>
    /// <param name="deviceName">cpu or cuda.</param>
    /// <param name="workers">How many threads may call <see cref="Predict"/> at once; each uses one thread.</param>
    /// <exception cref="ModelException">There is no such model, its files are wrong, or the network refuses its own input size, answers with another
    /// number of classes or with what is not a number, or differs from its self-test.</exception>
    public static PatchClassifier Open(string nameOrPath, string deviceName = "cpu", int workers = 1) => Open(PatchModel.Find(nameOrPath), deviceName, workers);

    /// <summary>Opens a model whose descriptions are read.</summary>
    /// <param name="model">The model.</param>
    /// <param name="deviceName">cpu or cuda.</param>
    /// <param name="workers">How many threads may call <see cref="Predict"/> at once; each uses one thread.</param>
    /// <param name="freeze">Whether a script is made faster; its answers may differ in the last digits.</param>
    /// <exception cref="ModelException">As <see cref="Open(string, string, int)"/>.</exception>
    public static PatchClassifier Open(PatchModel model, string deviceName = "cpu", int workers = 1, bool freeze = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        var classifier = new PatchClassifier(model, deviceName, workers, freeze);
        try
        {
            if (model.Notes.SelfTest is not null)
                classifier.Check();
            return classifier;
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Prepare(RgbImage patch, RgbImage input) => this.input.Prepare(patch, input);

    /// <inheritdoc/>
    /// <exception cref="ModelException">An answer is not a finite number.</exception>
    public void Predict(IReadOnlyList<RgbImage> inputs, Span<float> probabilities)
    {
        var classes = Classes.Count;
        if (probabilities.Length != inputs.Count * classes)
            throw new ArgumentException($"{inputs.Count} pictures and {classes} classes need {inputs.Count * classes} places, not {probabilities.Length}.", nameof(probabilities));
        var logits = new float[batch * classes];
        for (var first = 0; first < inputs.Count; first += batch)
        {
            var count = Math.Min(batch, inputs.Count - first);
            Run(inputs, first, count, logits);
            for (var i = 0; i < count; i++)
            {
                var own = logits.AsSpan(i * classes, classes);
                if (own.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
                    throw new ModelException($"{Model.WeightsPath}: the network answers {string.Join(", ", own.ToArray().Select(static value => value.ToString(CultureInfo.InvariantCulture)))} to patch {first + i + 1} of {inputs.Count}, which is not a probability. The model cannot be used on this slide.");
                Probabilities(own, probabilities.Slice((first + i) * classes, classes), Model.Activation);
            }
        }
    }

    /// <summary>Compares with the self-test.</summary>
    /// <exception cref="ModelException">The model answers something else than when it was recorded, or has no self-test.</exception>
    public void Check()
    {
        if (Model.Notes.SelfTest is not { } test)
            throw new ModelException($"{Model.Folder.Location}: the model has no self-test, so nobody can tell whether it still answers as it should. 'microtome models import' records one.");
        var difference = test.LargestDifference(answer);
        if (!(difference <= test.Tolerance))
        {
            throw new ModelException(
                $"{Model.Folder.Location}: the self-test differs by {difference:G3} (at most {test.Tolerance:G3}). The weights or the engine are not those it was made with: restore or import the folder again, or run 'microtome doctor'.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        script?.Dispose();
        network?.Dispose();
        prepared.Dispose();
    }

    // Softmax or sigmoid in double precision.
    private static void Probabilities(ReadOnlySpan<float> logits, Span<float> probabilities, PatchActivation activation)
    {
        if (activation == PatchActivation.Sigmoid)
        {
            for (var i = 0; i < logits.Length; i++)
                probabilities[i] = (float)(1 / (1 + Math.Exp(-(double)logits[i])));
            return;
        }

        double highest = float.NegativeInfinity, sum = 0;
        foreach (var logit in logits)
            highest = Math.Max(highest, logit);
        foreach (var logit in logits)
            sum += Math.Exp(logit - highest);
        for (var i = 0; i < logits.Length; i++)
            probabilities[i] = (float)(Math.Exp(logits[i] - highest) / sum);
    }

    /// <summary>
    /// Finds the batch size and the answer to the self-test's pictures. A network whose answer to a picture depends on its place in a batch or on its
    /// neighbours gets pictures one by one. TorchScript takes its measurements in the first run, so that one does not count and may use every thread.
    /// </summary>
    private (int Batch, IReadOnlyList<double> Answer) Probe()
    {
        var pictures = PatchSelfTest.Pictures(InputWidth, InputHeight);
        var threads = get_num_threads();
        var most = HasPointConvolutions(Model.Config.Architecture) ? Many : Few;
        try
        {
            ModelException? together = null;
            try
            {
                int[] some = Repeated(0, 1, 2, 3, 3, 2, 1, 0), others = Repeated(2, 3, 0, 0, 0, 1, 1, 1);
                var before = script is null ? null : WarmUp(some);
                var runs = Runs(some, others);
                var (after, among) = (runs[0], runs[1]);
                if (Enumerable.Range(0, most).All(i => Of(after, i).SequenceEqual(Of(after, some[i])) && Of(among, i).SequenceEqual(Of(after, others[i]))))
                    return (most, Steady(before ?? after, after)[..(PatchSelfTest.Count * Classes.Count)]);
            }
            catch (ModelException exception)
            {
                together = exception;
            }

            try
            {
                return (1, Steady(Logits([0, 1, 2, 3], 1), Logits([0, 1, 2, 3], 1)));
            }
            catch (ModelException) when (together is not null)
            {
                throw together;
            }
        }
        finally
        {
            prepared.Value = false;
            set_num_threads(threads);
        }

        ReadOnlySpan<float> Of(float[] logits, int i) => logits.AsSpan(i * Classes.Count, Classes.Count);

        int[] Repeated(params int[] eight) => [.. Enumerable.Range(0, most).Select(i => eight[i % eight.Length])];

        float[] WarmUp(int[] which)
        {
            if (device.type == DeviceType.CPU)
                set_num_threads(Workers);
            prepared.Value = true;
            var logits = Logits(which, most);
            prepared.Value = false;
            return logits;
        }

        // At once where there are threads for it.
        float[][] Runs(params int[][] batches)
        {
            if (Workers == 1)
                return Array.ConvertAll(batches, which => Logits(which, most));
            var tasks = Array.ConvertAll(batches, which => Task.Factory.StartNew(() => Logits(which, most), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
            try
            {
                Task.WaitAll(tasks);
            }
            catch (AggregateException exception)
            {
                ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
            }

            return Array.ConvertAll(tasks, static task => task.Result);
        }

        float[] Logits(int[] which, int size)
        {
            var logits = new float[which.Length * Classes.Count];
            for (var first = 0; first < which.Length; first += size)
                Run([.. which.Skip(first).Take(size).Select(i => pictures[i])], 0, size, logits.AsSpan(first * Classes.Count, size * Classes.Count), size);
            return logits;
        }
    }

    // Noted for the same file and the same engine; without a self-test nobody would see that the note is wrong. What a script does unfrozen was not tried.
    private bool IsKnown(PatchModel model, bool freeze) =>
        freeze && device.type == DeviceType.CPU && model.Notes is { SelfTest: not null, Batch: { } noted }
        && string.Equals(noted.Libtorch, __version__, StringComparison.Ordinal) && string.Equals(noted.WeightsSha256, model.WeightsHash, StringComparison.Ordinal);

    // The batch is known: five pictures instead of three batches, for the self-test and because TorchScript takes its measurements in the first run.
    private IReadOnlyList<double> Short(int noted)
    {
        var pictures = PatchSelfTest.Pictures(InputWidth, InputHeight);
        var threads = get_num_threads();
        float[] before = new float[Classes.Count], after = new float[pictures.Count * Classes.Count];
        try
        {
            // Nobody else computes yet; afterwards this thread may be one of many.
            set_num_threads(Workers);
            prepared.Value = true;
            Run(pictures, 0, 1, before, 1);
            var together = noted < pictures.Count ? 1 : pictures.Count;
            for (var first = 0; first < pictures.Count; first += together)
                Run(pictures, first, together, after.AsSpan(first * Classes.Count, together * Classes.Count), together);
            _ = Steady(before, after[..Classes.Count]);
            return Array.ConvertAll(after, static value => (double)value);
        }
        finally
        {
            prepared.Value = false;
            set_num_threads(threads);
        }
    }

    // By name, also where the network is a script: a wrong guess costs time and nothing else.
    private static bool HasPointConvolutions(string architecture) =>
        architecture.StartsWith("inception", StringComparison.OrdinalIgnoreCase) || architecture.StartsWith("resnet50", StringComparison.OrdinalIgnoreCase) || architecture.StartsWith("densenet", StringComparison.OrdinalIgnoreCase);

    private double[] Steady(float[] before, float[] after)
    {
        for (var i = 0; i < after.Length; i++)
        {
            if (!float.IsFinite(after[i]))
                throw new ModelException(string.Create(CultureInfo.InvariantCulture, $"{Model.WeightsPath}: the network answers {after[i]} to a plain picture of {InputWidth} x {InputHeight} pixels. The weights are damaged, or mean and std of config.json are not its own."));
            if (Math.Abs(before[i] - after[i]) > Alike * Math.Max(1, Math.Abs(after[i])))
                throw new ModelException(string.Create(CultureInfo.InvariantCulture, $"{Model.WeightsPath}: the network answers {before[i]:G6} and then {after[i]:G6} to the same picture. It was saved in training mode (dropout): export it again after eval()."));
        }

        return Array.ConvertAll(after, static value => (double)value);
    }

    private void Run(IReadOnlyList<RgbImage> pictures, int first, int count, Span<float> logits) => Run(pictures, first, count, logits, batch);

    private void Run(IReadOnlyList<RgbImage> pictures, int first, int count, Span<float> logits, int size)
    {
        // OpenMP keeps its number of threads per calling thread.
        if (!prepared.Value && device.type == DeviceType.CPU)
            set_num_threads(1);
        prepared.Value = true;
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var samples = empty([size, 3, InputHeight, InputWidth], ScalarType.Float32, memory_format: MemoryFormat.ChannelsLast);
        var memory = samples.AsMemorySpan<float>();
        var length = 3 * InputWidth * InputHeight;
        for (var i = 0; i < size; i++)
        {
            if (i < count)
                input.Normalize(pictures[first + i], memory.Slice(i * length, length));
            else
                memory[..length].CopyTo(memory.Slice(i * length, length));
        }

        Forward(samples, size).CopyTo(logits[..(size * Classes.Count)]);
    }

    private Tensor Forward(Tensor samples, int size)
    {
        Tensor[] outputs;
        try
        {
            var there = samples.to(device);
            outputs = script is not null ? script.forward(there) : [network!.forward(there)];
        }
        catch (TorchException exception) when (!exception.Message.Contains("CUDA", StringComparison.Ordinal))
        {
            throw new ModelException($"{Model.WeightsPath}: the network refuses its own input of {size} pictures of {InputWidth} x {InputHeight} pixels, which the transform in config.json says: {PatchNetworkFile.Sentence(exception.Message)}", exception);
        }

        var classes = Classes.Count;
        if (outputs.Length != 1)
            throw new ModelException($"{Model.WeightsPath}: the network gives {outputs.Length} results where one [N, {classes}] is expected.");
        var shape = outputs[0].shape;
        if (!(shape.Length == 2 && shape[0] == size && shape[1] == classes) && !(classes == 1 && shape.Length == 1 && shape[0] == size))
        {
            throw new ModelException(
                $"{Model.WeightsPath}: the network answers {size} pictures with shape [{string.Join(", ", shape)}], and config.json with its {classes} {(classes == 1 ? "class" : "classes")} needs [{size}, {classes}].");
        }

        return outputs[0].to(ScalarType.Float32).cpu().contiguous();
    }
}
