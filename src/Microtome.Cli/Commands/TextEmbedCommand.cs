using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Language;
using Microtome.Torch;

namespace Microtome.Cli.Commands;

/// <summary><c>text embed</c>: one vector a line of text.</summary>
internal static class TextEmbedCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A model's folder." };
        var files = new Argument<string[]>("FILE") { Description = "UTF-8 files, a text a line; none for standard input.", Arity = ArgumentArity.ZeroOrMore };
        var pooling = new Option<string>("--pooling") { Description = "mean of all tokens, first token, or last token.", DefaultValueFactory = static _ => "mean", HelpName = "KIND" };
        pooling.AcceptOnlyFromAmong("mean", "first", "last");
        var command = new Command("embed", "A vector for each line of text, as CSV (-o FILE).") { model, files, pooling };
        command.SetAction((result, cancellation) => Task.Run(() => Run(CommonSettings.From(result), result.GetRequiredValue(model), result.GetValue(files) ?? [], result.GetValue(pooling)!, cancellation), cancellation));
        return command;
    }

    private static int Run(CommonSettings settings, string folder, string[] files, string pooling, CancellationToken cancellation)
    {
        torch.set_num_threads(settings.Threads);
        var tokenizer = Tokenizers.Load(folder);
        using var model = TextModelFolder.Load(folder);
        model.eval();
        using var off = torch.no_grad();
        var csv = new StringBuilder();
        var rows = new JsonArray();
        int longest = model.Transformer.Options.MaxLength, cut = 0, count = 0;
        foreach (string file in files.Length == 0 ? ["-"] : files)
        {
            byte[] bytes = file == "-" ? TextTokenizerEncodeCommand.ReadAll(Console.OpenStandardInput(), "standard input") : TextTokenizerEncodeCommand.ReadFile(file);
            foreach (string line in TextTokenizerEncodeCommand.Decode(bytes, file == "-" ? "standard input" : file).Split('\n').Select(static l => l.TrimEnd('\r')).Where(static l => l.Length > 0))
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = torch.NewDisposeScope();
                int[] ids = tokenizer.Encode(line, addSpecial: true).Ids;
                if (ids.Length > longest)
                    (ids, cut) = (ids[..longest], cut + 1);
                var vectors = model.Encode(torch.tensor(Array.ConvertAll(ids, static i => (long)i)).unsqueeze(0)).squeeze(0);
                float[] vector = (pooling switch { "first" => vectors[0], "last" => vectors[ids.Length - 1], _ => vectors.mean([0L]) }).data<float>().ToArray();
                count++;
                if (settings.Json)
                    rows.Add(new JsonArray([.. vector.Select(static v => (JsonNode)v)]));
                else
                    csv.AppendJoin(',', vector.Select(static v => v.ToString("R", CultureInfo.InvariantCulture))).Append('\n');
            }
        }

        if (cut > 0)
            Answer.Log(string.Create(CultureInfo.InvariantCulture, $"{cut} of {count} texts are longer than the model's {longest} tokens: their ends were left out."));
        if (settings.Json)
            Answer.Json(new JsonObject { ["vectors"] = rows });
        else if (settings.Output is { } output)
            AtomicFile.WriteAllText(output, csv.ToString());
        else
            Console.Out.Write(csv);
        return ExitCode.Done;
    }
}
