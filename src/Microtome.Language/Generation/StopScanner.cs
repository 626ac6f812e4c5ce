namespace Microtome.Language;

/// <summary>Passes text on as it comes, up to the first stop string; holds back an end that may be the beginning of one.</summary>
public sealed class StopScanner(IReadOnlyList<string> stops)
{
    private string held = string.Empty;

    /// <summary>Whether a stop string has come.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes a piece and returns what is certain to be part of the text.</summary>
    public string Next(string piece)
    {
        if (Stopped)
            return string.Empty;
        var text = held + piece;
        var end = -1;
        foreach (var stop in stops)
        {
            var at = stop.Length == 0 ? -1 : text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (end < 0 || at < end))
                end = at;
        }

        if (end >= 0)
        {
            Stopped = true;
            held = string.Empty;
            return text[..end];
        }

        var keep = 0;
        foreach (var stop in stops)
        {
            for (var length = Math.Min(stop.Length - 1, text.Length); length > keep; length--)
            {
                if (text.EndsWith(stop[..length], StringComparison.Ordinal))
                    keep = length;
            }
        }

        held = text[^keep..];
        return text[..^keep];
    }

    /// <summary>The text has ended: what was held back belongs to it.</summary>
    public string Finish()
    {
        var rest = held;
        held = string.Empty;
        return rest;
    }
}
