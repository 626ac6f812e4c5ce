using System.Globalization;
using System.Text.Json;
using Microtome.Imaging;
using Microtome.Learning.Models;
using Microtome.Networks;
using Microtome.Torch;

namespace Microtome.Learning.Tests.Models;

/// <summary>TorchScript files written by PyTorch (Fixtures/generate.py) with the answers that the Python loop gave.</summary>
// One at a time with the other tests of the engine: its random numbers and its count of live tensors are the process's.
[Collection("torch")]
public sealed class PatchClassifierTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-classifier").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("mean2")]
    [InlineData("mean1")]
    [InlineData("flat1")] // shape [N]
    [InlineData("convolutions3")]
    [InlineData("frozen3")]
    [InlineData("training3")] // saved in training mode
    [InlineData("onebyone2")] // takes one picture at a time only
    public void Predict_GivesWhatThePythonLoopGives(string script)
    {
        using var classifier = Open(script);
        using var answers = JsonDocument.Parse(File.ReadAllText(Fixture("answers.json")));
        foreach (var size in (int[])[100, 32, 50])
        {
            double[] expected = [.. answers.RootElement.GetProperty($"{script}-{size}").EnumerateArray().Select(static value => value.GetDouble())];
            var probabilities = Predict(classifier, Picture(size));

            Assert.Equal(expected.Length, probabilities.Length);
            for (var i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], probabilities[i], 2e-6);
        }
    }

    [Fact]
    public void Predict_OfOneClass_IsASigmoid_NotTheConstantOne()
    {
        using var classifier = Open("mean1");
        Assert.InRange(Predict(classifier, Picture(100))[0], 0.3f, 0.45f);
    }

    [Fact]
    public void Predict_OneOrMany_InAnyOrder_FromAnyThread_HasTheSameBits()
    {
        using var classifier = Open("convolutions3", workers: 3);
        RgbImage[] pictures = [.. Enumerable.Range(0, 37).Select(i => Prepared(classifier, Picture(33 + i)))];
        float[][] alone = [.. pictures.Select(picture => Raw(classifier, [picture]))];
        foreach (var size in (int[])[2, 7, 8, 16, 37])
        {
            var all = pictures.Chunk(size).SelectMany(some => Raw(classifier, some)).ToArray();
            Assert.Equal(alone.SelectMany(static own => own), all);
        }

        Array.Reverse(pictures);
        Assert.Equal(alone.Reverse().SelectMany(static own => own), Raw(classifier, pictures));
        Parallel.For(0, 12, new ParallelOptions { MaxDegreeOfParallelism = 3 }, _ => Assert.Equal(alone.Reverse().SelectMany(static own => own), Raw(classifier, pictures)));
    }

    [Fact]
    public void Predict_OnManyThreadsOfTheEngine_HasTheSameBits()
    {
        float[] Answer(int threads)
        {
            torch.set_num_threads(threads);
            using var classifier = Open("convolutions3");
            return Predict(classifier, Picture(100));
        }

        var before = torch.get_num_threads();
        try
        {
            Assert.Equal(Answer(1), Answer(4));
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    [Theory]
    [InlineData("othersize2", "32 x 32")]
    [InlineData("nan2", "NaN")]
    [InlineData("pair2", "2 results")]
    [InlineData("wide2", "[8, 2, 1, 1]")]
    [InlineData("random2", "training mode")]
    public void Open_AScriptThatCannotBeUsed_SaysWhy(string script, string reason)
    {
        Write(script);
        foreach (var workers in (int[])[1, 2])
        {
            var message = Assert.Throws<ModelException>(() => PatchClassifier.Open(folder, workers: workers)).Message;
            Assert.Contains(PatchModel.ScriptName, message, StringComparison.Ordinal);
            Assert.Contains(reason, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }
    }

    [Theory]
    [InlineData("mean2", 3, "[8, 2]")]
    [InlineData("mean2", 1, "[8, 2]")] // the trap: two outputs taken for one
    [InlineData("mean1", 2, "[8, 1]")]
    public void Open_AnotherNumberOfClasses_SaysTheShapes(string script, int classes, string shape)
    {
        Write(script, classes);
        var message = Assert.Throws<ModelException>(() => PatchClassifier.Open(folder)).Message;
        Assert.Contains(shape, message, StringComparison.Ordinal);
        Assert.Contains($"[8, {classes}]", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("writes2", "'save'")]
    [InlineData("reads2", "'from_file'")]
    public void Open_AScriptThatReachesForFiles_IsRefusedBeforeItRuns(string script, string door)
    {
        Write(script);
        Assert.Contains(door, Assert.Throws<ModelException>(() => PatchClassifier.Open(folder)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists("microtome-was-here"));
    }

    [Fact]
    public void Predict_PatchesOfTheBundledSlide_AreThoseOfThePythonLoop_AtTwoSpacings()
    {
        var lines = File.ReadLines(Fixture("slide.csv")).Skip(1).Select(static line => line.Split(',').Select(static word => double.Parse(word, CultureInfo.InvariantCulture)).ToArray()).ToList();
        using var slide = Slide.Open(Path.Combine(Root(), "samples", "cmu-1-small-region.svs"));
        double[][] Answers(PatchClassifier classifier) => [.. lines.Select(line =>
        {
            var side = classifier.Model.Config.ReadSide(line[0]);
            Assert.Equal(line[3], side);
            var patch = new RgbImage(side, side);
            slide.ReadRegion(new LevelRect(0, (long)line[1], (long)line[2], side, side), patch);
            return Predict(classifier, patch).Select(static value => (double)value).ToArray();
        })];

        double[][] three, one;
        using (var classifier = Open("convolutions3"))
            three = Answers(classifier);
        using (var classifier = Open("mean1"))
            one = Answers(classifier);

        Assert.Equal(40, lines.Count);
        Assert.All(lines.Index(), row =>
        {
            double[] expected = row.Item[5..], answer = [.. three[row.Index], .. one[row.Index]];
            for (var i = 0; i < 4; i++)
                Assert.Equal(expected[i], answer[i], 2e-6);
        });
        Assert.True(lines.Max(static line => line[8]) - lines.Min(static line => line[8]) > 0.1);
    }

    [Fact]
    public void Open_WhatIsNoScript_NamesTheFile()
    {
        Write("mean2");
        File.WriteAllText(Path.Combine(folder, PatchModel.ScriptName), "PK no archive");
        Assert.Contains(PatchModel.ScriptName, Assert.Throws<ModelException>(() => PatchClassifier.Open(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Predict_ANetworkThatMixesItsBatch_GetsPicturesOneByOne()
    {
        using var classifier = Open("mixes2");
        var alone = Predict(classifier, Picture(100));
        var both = Raw(classifier, [Prepared(classifier, Picture(32)), Prepared(classifier, Picture(100))]);
        Assert.Equal(alone, both[2..]);
    }

    [Fact]
    public void Predict_NotANumber_NamesTheModelAndThePatch()
    {
        using var classifier = Open("nanonwhite2");
        var white = new RgbImage(32, 32);
        white.Pixels.AsSpan().Fill(255);

        var message = Assert.Throws<ModelException>(() => Raw(classifier, [Prepared(classifier, Picture(100)), white])).Message;
        Assert.Contains(folder, message, StringComparison.Ordinal);
        Assert.Contains("patch 2 of 2", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prepare_OfWhatIsNoSquare_IsRefused()
    {
        using var classifier = Open("mean2");
        Assert.Contains("64 x 32", Assert.Throws<ArgumentException>(() => Prepared(classifier, new RgbImage(100, 50))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OfTheRecordedAnswer_Holds_AndOfAnotherModel_IsRefused()
    {
        PatchSelfTest answer;
        using (var classifier = Open("convolutions3"))
        {
            answer = classifier.Answer;
            Assert.Throws<ModelException>(classifier.Check);
        }

        File.WriteAllText(Path.Combine(folder, PatchModelNotes.FileName), new PatchModelNotes { SelfTest = answer }.ToJson());
        using (var classifier = PatchClassifier.Open(folder))
            classifier.Check();

        File.WriteAllText(Path.Combine(folder, PatchModelNotes.FileName), new PatchModelNotes { SelfTest = answer with { Values = [.. answer.Values.Select(static (value, i) => i == 5 ? value + 0.003 : value)] } }.ToJson());
        Assert.Contains("self-test", Assert.Throws<ModelException>(() => PatchClassifier.Open(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_FrozenOrNot_IsTheSameWithinTheTolerance()
    {
        Write("convolutions3", 3);
        using var frozen = PatchClassifier.Open(PatchModel.Find(folder));
        using var plain = PatchClassifier.Open(PatchModel.Find(folder), freeze: false);
        Assert.InRange(frozen.Answer.LargestDifference(plain.Answer.Values), 0, 1e-5);
        Assert.True(frozen.Answer.Values.Distinct().Count() > 6);
    }

    [Fact]
    public void Open_WeightsOfOurOwnNetwork_GivesWhatTheNetworkGives()
    {
        Write("mean2", 2, "resnet18");
        File.Delete(Path.Combine(folder, PatchModel.ScriptName));
        torch.manual_seed(5);
        using var network = PatchClassifiers.Create("resnet18", 2);
        network.eval();
        network.save(Path.Combine(folder, PatchModel.WeightsName));
        using var classifier = PatchClassifier.Open(folder);
        var picture = Prepared(classifier, Picture(100));

        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        var samples = new float[3 * 32 * 32];
        for (var i = 0; i < samples.Length; i++)
            samples[((i % 3) * 32 * 32) + (i / 3)] = ((picture.Pixels[i] / 255f) - (float)Mean[i % 3]) / (float)Std[i % 3];
        var expected = new float[2];
        network.forward(torch.tensor(samples, [1, 3, 32, 32])).softmax(1).CopyTo(expected.AsSpan());

        var answer = Raw(classifier, [picture]);
        Assert.Equal(expected[0], answer[0], 1e-5);
        Assert.Equal(expected[1], answer[1], 1e-5);
    }

    [Theory]
    [InlineData("resnet9000", "resnet9000")]
    [InlineData("resnet34", "resnet34")] // the weights are those of resnet18
    public void Open_WeightsOfAnotherArchitecture_NamesIt(string architecture, string named)
    {
        Write("mean2", 2, architecture);
        File.Delete(Path.Combine(folder, PatchModel.ScriptName));
        using (var network = PatchClassifiers.Create("resnet18", 2))
            network.save(Path.Combine(folder, PatchModel.WeightsName));
        Assert.Contains($"'{named}'", Assert.Throws<ModelException>(() => PatchClassifier.Open(folder)).Message, StringComparison.Ordinal);
    }

    private static readonly double[] Mean = [0.7238, 0.5716, 0.6779];
    private static readonly double[] Std = [0.1120, 0.1459, 0.1089];

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Models", "Patches", "Fixtures", name);

    private static string Root()
    {
        var place = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(place!.FullName, "Microtome.slnx")))
            place = place.Parent;
        return place.FullName;
    }

    // generate.py makes the same.
    private static RgbImage Picture(int side)
    {
        var picture = new RgbImage(side, side);
        for (var i = 0; i < picture.Pixels.Length; i++)
        {
            var (x, y, c) = (i / 3 % side, i / 3 / side, i % 3);
            picture.Pixels[i] = (byte)(((x * 2654435761L) ^ (y * 40503L) ^ (c * 2246822519L)) >> 7);
        }

        return picture;
    }

    private static RgbImage Prepared(PatchClassifier classifier, RgbImage patch)
    {
        var input = new RgbImage(classifier.InputWidth, classifier.InputHeight);
        classifier.Prepare(patch, input);
        return input;
    }

    private static float[] Predict(PatchClassifier classifier, RgbImage patch) => Raw(classifier, [Prepared(classifier, patch)]);

    private static float[] Raw(PatchClassifier classifier, IReadOnlyList<RgbImage> inputs)
    {
        var probabilities = new float[inputs.Count * classifier.Classes.Count];
        classifier.Predict(inputs, probabilities);
        return probabilities;
    }

    private PatchClassifier Open(string script, int workers = 1)
    {
        Write(script, script[^1] - '0');
        return PatchClassifier.Open(folder, workers: workers);
    }

    private void Write(string script, int classes = 2, string architecture = "tiny")
    {
        File.Copy(Fixture(script + ".pt"), Path.Combine(folder, PatchModel.ScriptName), overwrite: true);
        File.WriteAllText(Path.Combine(folder, "config.json"), new PatchModelConfig
        {
            Architecture = architecture,
            PatchSizePixels = 100,
            SpacingUmPx = 0.5,
            ClassNames = [.. new[] { "Other", "Lymphocytes", "Third" }.Take(classes)],
            Transform = new PatchTransform { Side = 32, Mean = Mean, Std = Std },
        }.ToJson());
    }
}
