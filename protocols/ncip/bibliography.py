"""What a title is called and how it is described."""

from protocols.ncip.elements import (
    ActualResource,
    AgencyId,
    Author,
    AuthorOfComponent,
    BibliographicItemIdentifier,
    BibliographicItemIdentifierCode,
    BibliographicLevel,
    BibliographicRecordIdentifier,
    BibliographicRecordIdentifierCode,
    ComponentIdentifier,
    ComponentIdentifierType,
    Edition,
    ElectronicDataFormatType,
    Language,
    MediumType,
    Pagination,
    PlaceOfPublication,
    PublicationDate,
    PublicationDateOfComponent,
    Publisher,
    ReferenceToResource,
    SeriesTitleNumber,
    SponsoringBody,
    Title,
    TitleOfComponent,
)
from protocols.ncip.extension import Extensible
from protocols.ncip.table import element


@element()
class BibliographicItemId(Extensible):
    """A published number of a title: ISBN, ISSN and their like."""

    bibliographic_item_identifier: BibliographicItemIdentifier
    bibliographic_item_identifier_code: BibliographicItemIdentifierCode | None = None


@element("(AgencyId | BibliographicRecordIdentifierCode)")
class BibliographicRecordId(Extensible):
    """The number of a record in a catalogue; whose, is said by an agency or a code."""

    bibliographic_record_identifier: BibliographicRecordIdentifier
    agency_id: AgencyId | None = None
    bibliographic_record_identifier_code: BibliographicRecordIdentifierCode | None = None


@element("(BibliographicItemId | BibliographicRecordId)")
class BibliographicId(Extensible):
    """A title, by its published number or by a record."""

    bibliographic_item_id: BibliographicItemId | None = None
    bibliographic_record_id: BibliographicRecordId | None = None


@element()
class ComponentId(Extensible):
    """An article or part, by its own number."""

    component_identifier_type: ComponentIdentifierType
    component_identifier: ComponentIdentifier


@element()
class BibliographicDescription(Extensible):
    """A title in words.  Empty in a request, it asks for a description."""

    author: Author | None = None
    author_of_component: AuthorOfComponent | None = None
    bibliographic_item_id: BibliographicItemId | None = None
    bibliographic_record_id: tuple[BibliographicRecordId, ...] = ()
    component_id: ComponentId | None = None
    edition: Edition | None = None
    pagination: Pagination | None = None
    place_of_publication: PlaceOfPublication | None = None
    publication_date: PublicationDate | None = None
    publication_date_of_component: PublicationDateOfComponent | None = None
    publisher: Publisher | None = None
    series_title_number: SeriesTitleNumber | None = None
    title: Title | None = None
    title_of_component: TitleOfComponent | None = None
    bibliographic_level: BibliographicLevel | None = None
    sponsoring_body: SponsoringBody | None = None
    electronic_data_format_type: ElectronicDataFormatType | None = None
    language: Language | None = None
    medium_type: MediumType | None = None


@element("((ElectronicDataFormatType, ActualResource) | ReferenceToResource)")
class ElectronicResource(Extensible):
    """The resource itself, or a reference to it."""

    electronic_data_format_type: ElectronicDataFormatType | None = None
    actual_resource: ActualResource | None = None
    reference_to_resource: ReferenceToResource | None = None
