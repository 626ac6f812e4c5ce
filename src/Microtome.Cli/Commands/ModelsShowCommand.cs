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
            if (CommonSettings.From(parsed).Json)
            {
                var answer = ModelsListCommand.Describe(folder);
                answer["card"] = File.Exists(folder.Card) ? File.ReadAllText(folder.Card) : null;
                Answer.Json(answer);
            }
            else
            {
                Answer.Line(File.ReadAllText(folder.Card).TrimEnd());
            }

            return ExitCode.Done;
        });
        return command;
    }
}
