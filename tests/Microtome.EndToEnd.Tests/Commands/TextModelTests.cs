using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Microtome.EndToEnd.Tests;

public class TextModelTests
{
    private const string Model = "\"model\": { \"layers\": 2, \"width\": 32, \"heads\": 4, \"maxLength\": 32, \"initialDeviation\": 0 }";

    private static string Config(TemporaryFolder folder, string name, string training, string objective = "masked")
    {
        if (!File.Exists(folder["text 文.txt"]))
        {
            File.WriteAllText(folder["text 文.txt"], string.Concat(Enumerable.Range(0, 600).Select(static i => string.Create(CultureInfo.InvariantCulture, $"slide {i % 17} shows {i % 5} nuclei and {i % 3} cells\n\n"))));
            Assert.Equal(0, MicrotomeProgram.Run("text", "tokenizer", "train", folder["text 文.txt"], "-o", folder["tok"], "--kind", "wordpiece", "--vocab", "120").ExitCode);
        }

        File.WriteAllText(folder[name], $"{{ \"objective\": \"{objective}\", \"files\": [\"text 文.txt\"], \"tokenizer\": \"tok\", \"heldOut\": 0.1, {Model}, \"training\": {{ \"batch\": 8, \"length\": 24, \"learningRate\": 0.003, {training} }} }}");
        return folder[name];
    }

    [Fact]
    public void Pretrain_ThenFillAndEmbed_Works()
    {
        using var folder = new TemporaryFolder();
        string config = Config(folder, "run.json", "\"steps\": 150, \"evaluateEvery\": 50");
        var trained = MicrotomeProgram.Run("text", "pretrain", config, "-o", folder["run 跑"], "--json");
        Assert.Equal(0, trained.ExitCode);
        using var answer = JsonDocument.Parse(trained.Out);
        Assert.Equal(150, answer.RootElement.GetProperty("step").GetInt32());
        Assert.InRange(answer.RootElement.GetProperty("held_out_loss").GetDouble(), 0.05, 2);
        string[] lines = File.ReadAllLines(Path.Combine(folder["run 跑"], "metrics.jsonl"));
        Assert.All(lines, static line => JsonDocument.Parse(line));
        string model = Path.Combine(folder["run 跑"], "model");
        var filled = MicrotomeProgram.Run("text", "fill", model, "slide 3 [MASK] 4 nuclei", "--top", "1");
        Assert.Contains("shows", filled.Out, StringComparison.Ordinal);
        File.WriteAllText(folder["lines.txt"], "slide 3\nslide 4\n");
        var vectors = MicrotomeProgram.Run("text", "embed", model, folder["lines.txt"]);
        Assert.Equal([32, 32], vectors.Out.TrimEnd().Split('\n').Select(static l => l.Split(',').Length));

        // The same command finds everything done; another configuration is refused.
        Assert.Equal(0, MicrotomeProgram.Run("text", "pretrain", config, "-o", folder["run 跑"]).ExitCode);
        Assert.Equal(lines, File.ReadAllLines(Path.Combine(folder["run 跑"], "metrics.jsonl")));
        var other = MicrotomeProgram.Run("text", "pretrain", Config(folder, "other.json", "\"steps\": 7"), "-o", folder["run 跑"]);
        Assert.Equal(3, other.ExitCode);
        Assert.Contains("other settings (training)", other.Error, StringComparison.Ordinal);
    }

    // kill -9 in the middle: the same command goes on, and the losses are those of a run that nobody disturbed.
    [Fact]
    public void Pretrain_Killed_GoesOnToTheSameLosses()
    {
        using var folder = new TemporaryFolder();
        string config = Config(folder, "run.json", "\"steps\": 60, \"checkpointEvery\": 10, \"logEvery\": 1", "causal");
        Assert.Equal(0, MicrotomeProgram.Run("text", "pretrain", config, "-o", folder["whole"], "--threads", "1").ExitCode);
        var killed = MicrotomeProgram.Shell("\"$MICROTOME\" text pretrain \"$1\" -o \"$2\" --threads 1 2>/dev/null >/dev/null & p=$!; for i in $(seq 300); do [ \"$(grep -c loss \"$2/metrics.jsonl\" 2>/dev/null || echo 0)\" -ge 25 ] && break; sleep 0.05; done; kill -9 $p; wait $p; echo $?", config, folder["killed"]);
        Assert.Equal("137", killed.Out.Trim());
        Assert.True(File.Exists(Path.Combine(folder["killed"], "checkpoint.safetensors")));
        Assert.Equal(0, MicrotomeProgram.Run("text", "pretrain", config, "-o", folder["killed"], "--threads", "1").ExitCode);
        Assert.Equal(Losses(folder["whole"]), Losses(folder["killed"]));
    }

    // A full disk at the second checkpoint: the first one stands, nothing half-written lies about, and with room again the run ends as if nothing had happened.
    [Fact]
    public void Pretrain_FullDisk_KeepsTheLastCheckpointAndGoesOn()
    {
        using var folder = new TemporaryFolder();
        string config = Config(folder, "run.json", "\"steps\": 30, \"checkpointEvery\": 10, \"logEvery\": 1", "causal");
        Assert.Equal(0, MicrotomeProgram.Run("text", "pretrain", config, "-o", folder["whole"], "--threads", "1").ExitCode);
        const string Pretrain = "DOTNET_EnableWriteXorExecute=0 \"$MICROTOME\" text pretrain \"$1\" -o \"$2\" --threads 1";
        var killed = MicrotomeProgram.Shell(Pretrain + " 2>/dev/null >/dev/null & p=$!; for i in $(seq 600); do [ -e \"$2/checkpoint.safetensors\" ] && break; sleep 0.02; done; kill -9 $p; wait $p; echo $?", config, folder["full"]);
        Assert.Equal("137", killed.Out.Trim());
        string checkpoint = Path.Combine(folder["full"], "checkpoint.safetensors");
        byte[] before = File.ReadAllBytes(checkpoint);
        var outcome = MicrotomeProgram.Shell("ulimit -f 64; " + Pretrain, config, folder["full"]);
        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("could not be written", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("The one before it stands", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(checkpoint));
        Assert.Equal(["checkpoint.safetensors", "config.json", "metrics.jsonl", "tokens.bin"], Directory.GetFiles(folder["full"]).Select(static f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.Equal(0, MicrotomeProgram.Run("text", "pretrain", config, "-o", folder["full"], "--threads", "1").ExitCode);
        Assert.Equal(Losses(folder["whole"]), Losses(folder["full"]));
    }

    // Two processes share each batch, and take the steps that one would: losses agree to 1e-4.
    [Fact]
    public void Pretrain_TwoProcesses_TakeTheStepsOfOne()
    {
        using var folder = new TemporaryFolder();
        string config = Config(folder, "run.json", "\"steps\": 20, \"logEvery\": 1");
        Assert.Equal(0, MicrotomeProgram.Run("text", "pretrain", config, "-o", folder["one"], "--threads", "1").ExitCode);
        int port = FreePort();
        var both = MicrotomeProgram.Shell("export MASTER_ADDR=127.0.0.1 MASTER_PORT=$3 WORLD_SIZE=2; RANK=1 \"$MICROTOME\" text pretrain \"$1\" -o \"$2\" --threads 1 --launcher env & RANK=0 \"$MICROTOME\" text pretrain \"$1\" -o \"$2\" --threads 1 --launcher env; a=$?; wait $!; echo $a $?", config, folder["two"], port.ToString(CultureInfo.InvariantCulture));
        Assert.EndsWith("0 0", both.Out.Trim(), StringComparison.Ordinal);
        var (one, two) = (Losses(folder["one"]), Losses(folder["two"]));
        Assert.Equal(20, two.Count);
        Assert.All(one.Zip(two), static pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void BadInput_IsExplainedInALineOrTwo()
    {
        using var folder = new TemporaryFolder();
        string good = Config(folder, "good.json", "\"steps\": 3");
        File.WriteAllText(folder["empty.txt"], string.Empty);
        File.WriteAllBytes(folder["latin.txt"], [0x41, 0xE4, 0x20]);
        File.WriteAllText(folder["tiny.txt"], "one");
        string With(string name, string from, string to)
        {
            File.WriteAllText(folder[name], File.ReadAllText(good).Replace(from, to, StringComparison.Ordinal));
            return folder[name];
        }

        (string Message, string Path)[] cases =
        [
            ("there is no such file", folder["none.json"]),
            ("stepps", With("a.json", "\"steps\"", "\"stepps\"")),
            ("empty.txt is empty", With("b.json", "text 文.txt", "empty.txt")),
            ("is not UTF-8: byte 1", With("c.json", "text 文.txt", "latin.txt")),
            ("one window needs", With("d.json", "text 文.txt", "tiny.txt")),
            ("not a multiple", With("e.json", "\"width\": 32", "\"width\": 30")),
            ("'heldOut' is 2", With("f.json", "\"heldOut\": 0.1", "\"heldOut\": 2")),
        ];
        foreach (var (message, path) in cases)
        {
            var outcome = MicrotomeProgram.Run("text", "pretrain", path, "-o", folder["run " + Path.GetFileName(path)]);
            Assert.Equal(3, outcome.ExitCode);
            Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
            Assert.InRange(outcome.ErrorLines.Length, 1, 2);
        }
    }

    private static List<double> Losses(string run) =>
        [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(static l => JsonDocument.Parse(l).RootElement).Where(static e => e.TryGetProperty("loss", out _)).Select(static e => e.GetProperty("loss").GetDouble())];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
