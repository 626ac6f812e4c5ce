using System.CommandLine;
using Microtome.Cli.Commands;

namespace Microtome.Cli;

/// <summary>
/// Every command of the program. To add one: write <c>Commands/&lt;Noun&gt;&lt;Verb&gt;Command.cs</c> with a static <c>Create()</c>, and add it to its noun here.
/// A noun with one line and no verbs is a command itself. Only the noun that the command line names is built, so that the start stays fast.
/// </summary>
internal static class CommandTable
{
    /// <summary>The nouns in the order in which help shows them.</summary>
    public static IReadOnlyList<Noun> Nouns { get; } =
    [
        new("demo", DemoCommand.Create),

        new("doctor", DoctorCommand.Create),

        new("slide", "Look into a slide, cut it, convert it.",
        [
            SlideInfoCommand.Create,
            SlideThumbnailCommand.Create,
            SlideRegionCommand.Create,
            SlideTilesCommand.Create,
            SlideConvertCommand.Create,
            SlideDeepZoomCommand.Create,
            SlideTissueCommand.Create,
        ]),

        new("analyze", AnalyzeCommand.Create),

        new("nuclei", "Find every nucleus of an image.",
        [
            NucleiSegmentCommand.Create,
        ]),

        new("til", PatchMapCommand.Til,
        [
            TilAlignCommand.Create,
            TilStatsCommand.Create,
            TilClustersCommand.Create,
            TilSurvivalCommand.Create,
        ]),

        new("tumor", PatchMapCommand.Tumor),

        new("train", "Train a network from labelled images.",
        [
            TrainNucleiCommand.Create,
            TrainClassifierCommand.Create,
        ]),

        new("evaluate", "Measure predictions against a truth.",
        [
            EvaluateNucleiCommand.Create,
            EvaluateModelCommand.Create,
            EvaluateClassifierCommand.Create,
            EvaluateTilMapsCommand.Create,
        ]),

        new("models", "The networks: what they are, whether they still answer as they should, import others.",
        [
            ModelsListCommand.Create,
            ModelsShowCommand.Create,
            ModelsImportCommand.Create,
            ModelsCheckCommand.Create,
            ModelsQuantizeCommand.Create,
        ]),

        new("text", "Language: tokenizers, models trained from plain texts, continuing texts, answering requests.",
        [
            TextTokenizerCommand.Create,
            TextPretrainCommand.Create,
            TextEventsCommand.Create,
            TextFinetuneCommand.Create,
            TextEvaluateCommand.Create,
            TextFillCommand.Create,
            TextEmbedCommand.Create,
            TextGenerateCommand.Create,
            TextServeCommand.Create,
        ]),

        new("cohort", "Many slides: worked through by many workers on one machine or a cluster, judged, exported, asked.",
        [
            CohortCreateCommand.Create,
            CohortAddCommand.Create,
            CohortRunCommand.Create,
            CohortWorkCommand.Create,
            CohortStatusCommand.Create,
            CohortRetryCommand.Create,
            CohortVerdictCommand.Create,
            CohortExportCommand.Create,
            CohortReportCommand.Create,
            CohortQueryCommand.Create,
            CohortQualityCommand.Create,
            CohortPatchesCommand.Create,
        ]),

        new("serve", ServeCommand.Create),

        new("experiment", "Try the claims of the methods on small data.",
        [
            ExperimentListCommand.Create,
            ExperimentRunCommand.Create,
        ]),

        new("bench", "Measure this machine next to other people's code on the same work.",
        [
            BenchReadCommand.Create,
            BenchAnalyzeCommand.Create,
            BenchPostCommand.Create,
            BenchClassifyCommand.Create,
            BenchServeCommand.Create,
            BenchLedgerCommand.Create,
            BenchCohortCommand.Create,
            BenchDecodeCommand.Create,
            BenchTrainCommand.Create,
        ]),
    ];

    /// <summary>The root with all nouns, but only the named one furnished with its verbs.</summary>
    public static RootCommand CreateRoot(string[] args)
    {
        var root = new RootCommand("Microtome: from a whole-slide image to tissue, nuclei, tumor, lymphocytes and one page to look at.");
        CommonOptions.AddTo(root);
        foreach (var noun in Nouns)
        {
            var command = noun.Single is { } create ? create() : new Command(noun.Name, noun.Description);
            if (Array.IndexOf(args, noun.Name) >= 0)
            {
                foreach (var verb in noun.Verbs)
                    command.Subcommands.Add(verb());
            }

            root.Subcommands.Add(command);
        }

        return root;
    }

    /// <summary>A noun: one command, a family of verbs, or both.</summary>
    internal sealed class Noun
    {
        public Noun(string name, string description, IReadOnlyList<Func<Command>> verbs)
        {
            Name = name;
            Description = description;
            Verbs = verbs;
        }

        public Noun(string name, Func<Command> single, IReadOnlyList<Func<Command>>? verbs = null)
        {
            Name = name;
            Description = string.Empty;
            Verbs = verbs ?? [];
            Single = single;
        }

        public string Name { get; }

        public string Description { get; }

        public IReadOnlyList<Func<Command>> Verbs { get; }

        public Func<Command>? Single { get; }
    }
}
