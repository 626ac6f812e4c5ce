using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Language;
using Microtome.Torch;

namespace Microtome.Cli.Commands;

/// <summary><c>text fill</c>: the likeliest tokens for the masks of a text.</summary>
internal static class TextFillCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A model's folder: RUN/model of 'text pretrain', or a public BERT." };
        var text = new Argument<string>("TEXT") { Description = "A text with [MASK] in it." };
        var top = new Option<int>("--top") { Description = "Tokens a mask.", DefaultValueFactory = static _ => 5, HelpName = "N" };
        var command = new Command("fill", "The likeliest tokens for each [MASK] of a text.") { model, text, top };
        command.SetAction((result, cancellation) => Task.Run(() => Run(CommonSettings.From(result), result.GetRequiredValue(model), result.GetRequiredValue(text), result.GetValue(top)), cancellation));
        return command;
    }

    private static int Run(CommonSettings settings, string folder, string text, int top)
    {
        if (top < 1)
            throw new UsageException($"--top is {top}; it must be at least 1.");
        torch.set_num_threads(settings.Threads);
        var tokenizer = Tokenizers.Load(folder);
        if (tokenizer.Special.Mask is not { } mask)
            throw new TextException($"{folder}: its tokenizer has no mask token, so nothing can be filled. Give a model of masked texts.");
        using var model = TextModelFolder.Load(folder);
        int[] ids = tokenizer.Encode(text, addSpecial: true).Ids;
        int[] places = [.. Enumerable.Range(0, ids.Length).Where(i => ids[i] == mask)];
        if (places.Length == 0)
            throw new UsageException($"The text has no {tokenizer.Token(mask)}: '{text}'. Put one where a token is to be found.");
        model.eval();
        using var off = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var (values, tokens) = model.Predict(model.Encode(torch.tensor(Array.ConvertAll(ids, static i => (long)i)).unsqueeze(0)).squeeze(0)).softmax(-1).topk(Math.Min(top, model.Transformer.Options.Vocabulary), -1);
        var answers = new JsonArray();
        foreach (int place in places)
        {
            var list = new JsonArray();
            for (int k = 0; k < tokens.size(1); k++)
            {
                int id = (int)tokens[place, k].item<long>();
                double probability = values[place, k].item<float>();
                list.Add(new JsonObject { ["token"] = tokenizer.Token(id), ["probability"] = probability });
                if (!settings.Json)
                    Answer.Line(string.Create(CultureInfo.InvariantCulture, $"{place}\t{probability:F4}\t{tokenizer.Token(id)}"));
            }

            answers.Add(new JsonObject { ["place"] = place, ["tokens"] = list });
        }

        if (settings.Json)
            Answer.Json(new JsonObject { ["masks"] = answers });
        return ExitCode.Done;
    }
}
