"""What the attackers of one threat do, each in a sentence, where there are several."""

ATTACKERS = {
    "membership.distance": "It measures how near the synthetic table comes to the person's record.",
    "membership.blocks": (
        "It does the same within groups of columns that belong together, and believes the most conspicuous one: a leak of "
        "few columns among many shows there."
    ),
    "membership.differencing": (
        "It holds all releases in their order, and asks between which two of them the synthetic rows near the person came or went."
    ),
    "membership.difference": (
        "It also holds records of real people who were not used, and asks whether the synthetic table comes nearer to the "
        "person than they do."
    ),
    "membership.neighbourhood": (
        "It counts the synthetic rows around the person, as far out as is unusual for people who were not used."
    ),
    "membership.density": "It asks how dense the synthetic table is where the person is.",
    "membership.domias": "It asks how much denser the synthetic table is there than real people who were not used.",
    "membership.plagiarism": (
        "It mixes synthetic rows with as many real people who were not used, and counts which of them surround the person."
    ),
    "membership.likelihood_1": (
        "It asks whether the one synthetic row nearest to the person is more likely once the person is among the real people."
    ),
    "membership.likelihood_5": "The same of the five nearest synthetic rows.",
    "membership.likelihood_20": "The same of the twenty nearest synthetic rows.",
    "membership.marginals": (
        "It looks up every value of the person, and every two or three together: how much oftener does the synthetic table "
        "hold them than real people who were not used?"
    ),
    "membership.edits": "It writes the record as a line of text, and counts the characters to change to reach a synthetic line.",
    "membership.gower": (
        "It compares the distances to the person's fifty nearest synthetic rows with those to real people who were not used."
    ),
    "membership.surrogate": (
        "It trains a model of all columns on the synthetic table and one on real people who were not used, and asks which "
        "of them finds the record likelier."
    ),
    "membership.average": "It takes the mean of the scores above that are unlike each other.",
}
"""By endpoint."""
