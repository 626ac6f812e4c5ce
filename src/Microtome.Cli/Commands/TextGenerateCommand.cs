using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Decoding;
using Microtome.Imaging;
using Microtome.Language;

namespace Microtome.Cli.Commands;

/// <summary><c>text generate MODEL --prompt TEXT</c>: continues texts on the processor, without libtorch.</summary>
internal static class TextGenerateCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A folder with config.json, model.safetensors and tokenizer.json (Gemma-2 and Llama layouts, our Spark checkpoints).", HelpName = "MODEL" };
        var prompt = new Option<string[]>("--prompt") { Description = "The text to continue; several are decoded side by side.", HelpName = "TEXT", Required = true };
        var engine = new Option<string>("--engine") { Description = "What computes: cpu is our own decoder.", HelpName = "cpu", DefaultValueFactory = static _ => "cpu" };
        var options = new TextModelOptions();
        var tokens = new Option<int>("--max-tokens") { Description = "Tokens of an answer, at most.", HelpName = "N", DefaultValueFactory = static _ => 256 };
        var temperature = new Option<double>("--temperature") { Description = "0 takes the likeliest token each time.", HelpName = "X", DefaultValueFactory = static _ => 0 };
        var topK = new Option<int>("--top-k") { Description = "Draw from so many likeliest tokens (0: all).", HelpName = "N", DefaultValueFactory = static _ => 0 };
        var topP = new Option<double>("--top-p") { Description = "Draw from the likeliest tokens that together have this probability.", HelpName = "X", DefaultValueFactory = static _ => 1 };
        var stop = new Option<string[]>("--stop") { Description = "A string that ends an answer; may be repeated.", HelpName = "TEXT", DefaultValueFactory = static _ => [] };
        var command = new Command("generate", "Continue a text with a language model.") { model, prompt, engine, tokens, temperature, topK, topP, stop };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var settings = CommonSettings.From(parsed);
                if (parsed.GetValue(engine) != "cpu")
                    throw new UsageException($"--engine '{parsed.GetValue(engine)}': cpu is expected.");
                var most = parsed.GetValue(tokens);
                if (most < 1)
                    throw new UsageException($"--max-tokens {most}: at least 1.");
                var generation = new GenerationOptions
                {
                    MaximumTokens = most,
                    Stop = parsed.GetValue(stop)!,
                    Sampling = new SamplingOptions { Temperature = parsed.GetValue(temperature), TopK = parsed.GetValue(topK), TopP = parsed.GetValue(topP), Seed = settings.Seed },
                };
                try
                {
                    _ = generation.Sampling.Checked();
                }
                catch (DecodingException e)
                {
                    throw new UsageException(e.Message, e);
                }

                return Run(options.Open(parsed, parsed.GetValue(model)!, parsed.GetValue(prompt)!.Length, generation.Sampling.Temperature == 0), parsed.GetValue(prompt)!, generation, settings, cancellation);
            },
            cancellation));
        return command;
    }

    private static int Run(OpenTextModel open, string[] prompts, GenerationOptions generation, CommonSettings settings, CancellationToken cancellation)
    {
        using (open)
        {
            var clock = Stopwatch.StartNew();
            TimeSpan first = default;
            // One text streams; several would mix.
            var stream = !settings.Json && settings.Output is null && prompts.Length == 1;
            if (stream)
                Console.Out.Write(prompts[0]);
            var answers = open.Generator.Run(prompts, generation, (_, piece) =>
            {
                if (first == default)
                    first = clock.Elapsed;
                if (!stream)
                    return;
                Console.Out.Write(piece);
                Console.Out.Flush();
            }, cancellation);
            var seconds = clock.Elapsed.TotalSeconds;
            if (stream)
                Console.Out.WriteLine();
            var made = answers.Sum(static a => a.Tokens);
            if (settings.Json)
            {
                Answer.Json(new JsonObject
                {
                    ["texts"] = new JsonArray([.. answers.Select((a, i) => (JsonNode)new JsonObject
                    {
                        ["prompt"] = prompts[i],
                        ["text"] = a.Text,
                        ["prompt_tokens"] = a.PromptTokens,
                        ["tokens"] = a.Tokens,
                        ["finish_reason"] = a.Stopped ? "stop" : "length",
                    })]),
                    ["first_text_s"] = Math.Round(first.TotalSeconds, 4),
                    ["seconds"] = Math.Round(seconds, 4),
                    ["tokens_per_s"] = Math.Round(made / seconds, 2),
                });
            }
            else if (settings.Output is { } path)
            {
                AtomicFile.WriteAllText(path, string.Join("\n\n", answers.Select((a, i) => prompts[i] + a.Text)) + "\n");
            }
            else if (!stream)
            {
                foreach (var (answer, index) in answers.Select(static (a, i) => (a, i)))
                    Answer.Line($"--- {index + 1}\n{prompts[index]}{answer.Text}");
            }

            Answer.Log(string.Create(CultureInfo.InvariantCulture, $"{made} tokens in {seconds:0.00} s ({made / seconds:0.0} a second), {open.Description}"));
            return ExitCode.Done;
        }
    }
}
