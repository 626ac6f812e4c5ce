using System.CommandLine;
using Microtome.Learning.Models;

namespace Microtome.Cli.Commands;

/// <summary><c>models show NAME</c>: the model card.</summary>
internal static class ModelsShowCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "A name of 'models list', or the path of a model folder." };
        var command = new Command("show", "Print the card of a model: data, licence, figures, limits.") { name };
        command.SetAction(parsed =>
        {
            var folder = ModelFolder.Find(parsed.GetRequiredValue(name));
            var card = Card(folder);
            if (CommonSettings.From(parsed).Json)
            {
                var answer = ModelsListCommand.Describe(folder);
                answer["card"] = card;
                Answer.Json(answer);
            }
            else
            {
                if (card is not null)
                    Answer.Line(Printable(card));
                if (folder.Kind == ModelKind.Patches && !File.Exists(folder.Card))
                    Answer.Line($"\n{folder.Config}:\n{PatchModel.Read(folder).Config.ToJson().TrimEnd()}");
                else if (card is null)
                    throw new ModelException($"{folder.Card}: there is no such file. Restore the model's folder.");
            }

            return ExitCode.Done;
        });
        return command;
    }

    // The zoo's models have a README in place of a card.
    private static string? Card(ModelFolder folder) =>
        File.Exists(folder.Card) ? File.ReadAllText(folder.Card)
        : folder.Kind == ModelKind.Patches && Path.Combine(folder.Location, "README.md") is var readme && File.Exists(readme) ? File.ReadAllText(readme)
        : null;

    // Other people's text: what could steer a terminal stays out.
    private static string Printable(string text) => string.Concat(text.TrimEnd().Where(static c => !char.IsControl(c) || c is '\n' or '\t'));
}
