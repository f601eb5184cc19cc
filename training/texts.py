"""What the voices read: sentences made of our own word lists, and of invented words.

Meaning does not matter to a mouth; variety of sounds in all neighbourhoods does. Invented words give every language
sequences of sounds that its word list lacks.
"""

import numpy as np

WORDS = {
    "en": """
    about above across after again almost always amber animal answer apple argue around asking autumn average baby
    balance bamboo barber basement beautiful because before behind believe bitter blanket blue boat bobbin bottom
    bridge bright brother bubble building butter button cabbage camera campaign careful castle chapter cheap
    children choose church circle climb cloud coffee comfortable company computer copper corner country couple
    cousin create curious daughter deep describe develop different difficult dinner discover distance doctor
    dolphin double dream early earth easy effort eight either elbow elephant empty energy engine enough evening
    every example explain famous farmer father favour fifty figure final finger first five flavour flower follow
    food forest forever forty forward found four freedom friend from fruit funny future garden gather gentle
    giraffe give glove goat going golden good government grandfather grass great green group guitar half hammer
    happy harbour have heart heavy help her hidden hobby holiday honest hope house how huge hundred hurry ice
    idea imagine important improve inside island jacket jewel job join journey judge jump jungle kettle keep kind
    kitchen knife know ladder lamp language large laugh learning leather leave lemon letter level light little
    local long loud love lovely lunch machine magic make many map marble market maybe meadow mean measure member
    memory message method middle might million minute mirror model modern moment monday money month moon more
    morning mother mountain mouth move much museum music myself name narrow nation nature near never new nice
    night nobody noise north nothing number obvious ocean of offer office often olive one only open opinion
    orange other our out over own paint pair palace paper parade parent park part party path patience people
    pepper perfect perhaps person phone photograph piano picture pillow pink place planet play please pleasure
    plenty pocket poem point police popular possible potato pound power practice prepare pretty price private
    problem promise proof public pumpkin purple push question quick quiet rabbit rain rather reach ready reason
    remember report result return river road rocket room rough round rubber safe said same sandwich saturday save
    school science season second secret seven shadow shape share sheep shelter shine shop shoulder should shout
    shower silver simple sister six sleep slow small smile smooth snow soft some song soon sound soup south space
    speak special spoon spring square stable station stomach stone story strange street strong student summer sun
    supper surprise sweet swim table talk teacher temple thank that theatre them there these they thick thin
    thing think thirty this those though thought thousand three through thumb ticket time tiny today together
    tomorrow tooth touch towards tower town travel treasure tree trouble true trumpet trust try tube twelve
    twenty umbrella uncle under unless until up useful usual valley value vanilla vegetable very village violin
    visit voice volume wait walk wall want warm wash watch water wave we weather wednesday week welcome west what
    wheel when where whisper white who why wide will win window winter wish with wolf woman wonder wood word work
    world would write wrong yellow yes yesterday yet young your zebra zero""",
    "de": """
    aber abend acht alle anfang antwort apfel arbeit auch auf auge baum beispiel berg besser bild bitte blau blume
    brief bruder brücke buch butter dach danke dorf drei durch ein ende ente erde erst essen fabel fenster fisch
    flasche fluss frage frau freude freund früh fünf fuß garten geben gehen gemüse genau gestern glück groß grün
    gut haus heimat herbst heute himmel hoch hund ich immer jahr jetzt jung kaffee kein kind kirche klein kommen
    könig kopf küche lampe land leben leicht lieben luft machen mädchen mantel maus mehr mensch messer milch
    mittag möglich morgen mutter nacht name nein neun nicht oben obst ohne papier pferd pflanze platz pumpe
    quelle rad regen reise richtig ruhig sache sagen schiff schnee schön schule schwarz sechs sehen sieben sommer
    sonne spiel sprache stadt stein straße stuhl suppe tag tausend teil tisch tür über uhr und vater viel vier
    vogel wagen wald warum wasser weg weil weiß welt wenig wetter wieder wind winter wissen woche wohnen wort
    wunder zehn zeit zimmer zug zwei""",
    "fr": """
    ami amour année apprendre arbre aujourd'hui avec avoir beau beaucoup blanc bleu boire bois bon bonjour bouche
    boulanger bruit café campagne chaise chambre chanson chat chemin cheval chien ciel cinq clair cœur comment
    couleur demain depuis deux dimanche dormir douce eau école écrire enfant ensemble été étoile faim famille
    femme fenêtre fête feu feuille fleur forêt frère froid fromage garçon grand gris heure heureux hier hiver
    homme huit jamais jardin jaune jeu jour jupe lait langue légume lettre livre loin long lune lundi lumière
    main maison manger matin mer mère merci mieux moment monde montagne mot musique neige neuf noir nom nouveau
    nuit œuf oiseau ombre orange oublier pain papa parler partir peau petit peur pierre pied plage pluie poisson
    pomme pont porte pourquoi premier prendre printemps quatre question rêve rivière robe rouge rue sable savoir
    sept silence simple sœur soleil soir sous table temps terre tomber toujours tout travail trois trouver vache
    vent ventre vert vie vieux ville vingt voisin voiture voix voyage""",
    "es": """
    abuelo agua ahora alegre amigo año árbol arroz ayer azul bailar barco beber blanco boca bonito bosque brazo bueno
    caballo cabeza café calle camino campo canción casa cielo cinco ciudad claro cocina color comer corazón
    cuatro cuerpo deber dedo después día diez dinero domingo dulce edad ejemplo escuela espejo estrella familia
    feliz fiesta flor frío fruta fuego fuerte gato gente gracias grande guitarra gusto hablar hermano hijo hoja
    hombre hoy hueso huevo isla jardín joven jueves jugar lado lago leche lengua libro limpio llave lluvia lugar
    luna luz madre mañana mano mar mejor mesa mientras mirar montaña mujer mundo música nieve niño noche nombre
    nube nueve nunca ocho ojo oreja otoño padre palabra pan papel pared peine pequeño perro pescado piedra playa
    plaza pobre poco primo primavera pueblo puente puerta queso quince rápido razón río rojo ropa sábado saber
    seis semana siempre siete silla sobre sol sombra sueño tarde tiempo tierra trabajo tres uva vaca veinte
    ventana verano verde viaje vida viejo viento vino voz zapato""",
    "it": """
    acqua albero alto amico amore anno aprire arancia autunno azzurro bambino barca bello bene bianco bicchiere bocca
    bosco bravo buono caffè caldo camera campagna cane canzone cappello casa cavallo cena chiave chiesa cielo
    cinque città colore come corpo cuore dieci dolce domani domenica donna dormire dove erba esempio estate
    famiglia felice festa fiore fiume foglia forte fratello freddo frutta fuoco gatto gelato gente giallo
    giardino gioco giorno giovane grande grazie guardare ieri insieme inverno isola lago latte lavoro leggere
    lettera libro lingua lontano luce luna lungo madre mangiare mano mare mattina meglio mela mese mezzo mondo
    montagna musica naso nave neve nome notte nove nuovo nuvola occhio oggi ombra orecchio otto padre paese pane
    parlare parola pesce piazza piccolo piede pioggia ponte porta primavera quattro ragazzo ridere rosso sabato
    scarpa scuola sedia sei sempre sera sette silenzio sogno sole sorella spiaggia stella strada tavolo tempo
    terra treno uccello uomo uovo uva vecchio vento verde viaggio vino voce""",
}
"""Our own choice of common words."""

_ONSETS = "p b m f v t d n s l r k g w j sh ch th st pl br tr kl fr sp gr h z"
_VOWELS = "a e i o u ee oo ai ou a e i o u"
_CODAS = ["", "", "", "", "n", "m", "s", "l", "t", "p", "r", "k"]


def sentence(random: np.random.Generator, language: str) -> str:
    """One sentence of 2 to 14 words; languages without a list of their own read invented words."""
    listed = WORDS.get(language.partition("-")[0], "").split()
    invented = 0.25 if listed else 1.0
    count = int(random.integers(2, 15))
    words = [_invented(random) if random.random() < invented else str(random.choice(listed)) for _ in range(count)]
    for place in range(1, count - 1):
        if random.random() < 0.08:
            words[place] += ","
    return " ".join(words).capitalize() + str(random.choice([".", ".", ".", "?", "!"]))


def _invented(random: np.random.Generator) -> str:
    parts = [random.choice(_ONSETS.split()) + random.choice(_VOWELS.split()) for _ in range(int(random.integers(1, 4)))]
    return "".join(parts) + str(random.choice(_CODAS))
