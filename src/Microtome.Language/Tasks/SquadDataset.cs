namespace Microtome.Language;

/// <summary>Questions and answers in SQuAD's format, version 1.1 or 2.0 (Rajpurkar et al. 2016, 2018).</summary>
public sealed class SquadDataset
{
    private const long LargestFile = 1L << 30;

    private SquadDataset(IReadOnlyList<SquadQuestion> questions, bool hasImpossible)
    {
        Questions = questions;
        HasImpossible = hasImpossible;
    }

    /// <summary>The questions in the order of the file.</summary>
    public IReadOnlyList<SquadQuestion> Questions { get; }

    /// <summary>Whether some question cannot be answered: version 2.</summary>
    public bool HasImpossible { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="TextException">It is damaged or of another kind.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static SquadDataset Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file. Check the path.", path);
        if (new FileInfo(path).Length is var length && length is 0 or > LargestFile)
            throw new TextException(length == 0 ? $"{path} is empty." : $"{path} has {length} bytes; SQuAD's files have 40 MB at most.");
        using var document = TokenizerJson.Parse(path, File.ReadAllBytes(path));
        var questions = new List<SquadQuestion>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var article in new JsonPlace(path, string.Empty, document.RootElement).Get("data").Items())
        {
            foreach (var paragraph in article.Get("paragraphs").Items())
            {
                var context = paragraph.Text("context");
                var places = CodePoints(context);
                foreach (var item in paragraph.Get("qas").Items())
                {
                    var question = Read(item, context, places);
                    if (!ids.Add(question.Id))
                        throw item.Unsupported($"the id '{Vocabulary.Show(question.Id)}' stands there twice.");
                    questions.Add(question);
                }
            }
        }

        if (questions.Count == 0)
            throw new TextException($"{path} has no questions.");
        return new SquadDataset(questions, questions.Any(static q => q.IsImpossible));
    }

    private static SquadQuestion Read(JsonPlace item, string context, int[]? places)
    {
        var impossible = item.Flag("is_impossible", false);
        var answers = new List<SquadAnswer>();
        foreach (var answer in impossible || item.Find("answers") is not { } list ? [] : list.Items())
        {
            var text = answer.Text("text");
            var point = answer.Get("answer_start").Whole();
            var start = places is null ? point : (uint)point < (uint)places.Length ? places[point] : -1;
            var stands = start >= 0 && start + text.Length <= context.Length && string.CompareOrdinal(context, start, text, 0, text.Length) == 0;
            answers.Add(new SquadAnswer(text, stands ? start : -1));
        }

        return new SquadQuestion(item.Text("id"), item.Text("question"), context, answers, impossible);
    }

    // The files count code points. Null where those are UTF-16 units anyway.
    private static int[]? CodePoints(string text)
    {
        if (!text.Any(char.IsSurrogate))
            return null;
        var places = new List<int>();
        for (var i = 0; i < text.Length; i++)
        {
            places.Add(i);
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
        }

        return [.. places];
    }
}
