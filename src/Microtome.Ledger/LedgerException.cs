namespace Microtome.Ledger;

/// <summary>A ledger cannot be opened or used; the message says which, why and what to do.</summary>
public sealed class LedgerException : Exception
{
    /// <summary>Makes one.</summary>
    public LedgerException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with what caused it.</summary>
    public LedgerException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
