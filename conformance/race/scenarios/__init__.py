"""The races themselves: who calls what at the same moment, and what is looked at afterwards."""
